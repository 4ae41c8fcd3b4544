// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.ResidualLayout.Order;
import io.millrace.contracts.event.ResidualLayout.Pool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkFileTest {
    @Test
    void whatIsLeftOutIsAsInTorchvision() {
        Network network = NetworkFile.read("{\"block\": \"basic\", \"depths\": [3, 3, 6, 3]}")
                .network("mine", 1, 10);

        assertThat(network)
                .isEqualTo(new Network(
                        "mine",
                        Network.Stem.IMAGENET,
                        1,
                        10,
                        new ResidualLayout(
                                Block.BASIC,
                                List.of(3, 3, 6, 3),
                                List.of(64, 128, 256, 512),
                                64,
                                Pool.AVERAGE,
                                Order.NORM_RELU_POOL,
                                1.0)));
    }

    @Test
    void everyMemberCanBeSaid() {
        NetworkFile file = NetworkFile.read("""
                {"block": "pooled", "depths": [1, 0], "widths": [16, 32], "stemWidth": 8, "stem": "cifar",
                 "pool": "average", "order": "pool-relu-norm", "scale": 0.5}
                """);

        assertThat(file.stem()).isEqualTo(Network.Stem.CIFAR);
        assertThat(file.layout())
                .isEqualTo(new ResidualLayout(
                        Block.POOLED, List.of(1, 0), List.of(16, 32), 8, Pool.AVERAGE, Order.POOL_RELU_NORM, 0.5));
    }

    @Test
    void itTravelsInsideAnEvent() throws MalformedEventException {
        Network network = NetworkFile.read("{\"block\": \"bottleneck\", \"depths\": [1, 2]}")
                .network("mine", 3, 5);

        assertThat(EventCodec.decode(EventCodec.encode(network), Network.class)).isEqualTo(network);
    }

    @Test
    void aKnownNetworkIsWrittenAsBefore() {
        assertThat(EventCodec.encode(new Network("resnet18", Network.Stem.CIFAR, 1, 10)))
                .asString()
                .isEqualTo("{\"name\":\"resnet18\",\"stem\":\"cifar\",\"inputChannels\":1,\"classes\":10}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]| object",
                "{| JSON",
                "{\"depths\": [1]}| block",
                "{\"block\": \"basic\"}| depths",
                "{\"block\": \"wide\", \"depths\": [1]}| basic, bottleneck, pooled",
                "{\"block\": \"basic\", \"dephts\": [1]}| dephts",
                "{\"block\": \"basic\", \"depths\": []}| depths",
                "{\"block\": \"basic\", \"depths\": [1, 0]}| depths",
                "{\"block\": \"basic\", \"depths\": [1, 1], \"widths\": [8]}| widths",
                "{\"block\": \"basic\", \"depths\": [1], \"widths\": [0]}| widths",
                "{\"block\": \"basic\", \"depths\": [1], \"stem\": \"mnist\"}| stem",
                "{\"block\": \"basic\", \"depths\": [1], \"order\": \"pool-relu-norm\"}| order",
                "{\"block\": \"basic\", \"depths\": [1], \"scale\": 0}| scale",
                "{\"block\": \"basic\", \"depths\": [1], \"stemWidth\": 100000}| stemWidth",
            })
    void whatCannotBeBuiltIsRefusedByName(String json, String named) {
        assertThatThrownBy(() -> NetworkFile.read(json))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessageContaining(named);
    }
}
