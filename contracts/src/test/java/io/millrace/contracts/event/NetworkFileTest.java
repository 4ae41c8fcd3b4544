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
    private static final ImageShape DIGIT = new ImageShape(1, 28, 28);

    @Test
    void whatIsLeftOutIsAsInTorchvision() {
        Network network = NetworkFile.read("{\"name\": \"mine\", \"block\": \"basic\", \"depths\": [3, 3, 6, 3]}", null)
                .network(DIGIT, 10);

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
                """, null);

        assertThat(file.stem()).isEqualTo(Network.Stem.CIFAR);
        assertThat(file.layout())
                .isEqualTo(new ResidualLayout(
                        Block.POOLED, List.of(1, 0), List.of(16, 32), 8, Pool.AVERAGE, Order.POOL_RELU_NORM, 0.5));
    }

    @Test
    void itTravelsInsideAnEvent() throws MalformedEventException {
        Network network = NetworkFile.read("{\"block\": \"bottleneck\", \"depths\": [1, 2]}", null)
                .network(new ImageShape(3, 8, 8), 5);

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
                "3| a name, or an object",
                "\"resnet81\"| the nearest is resnet18",
                "\"ResNet50\"| the nearest is resnet50",
                "{\"name\": \"resnet1\"}| the nearest is resnet18",
                "{\"name\": \"resnet18\", \"block\": \"basic\", \"depths\": [1]}| a name of its own",
                "{\"name\": \"a b\", \"block\": \"basic\", \"depths\": [1]}| network.name",
                "{\"name\": 3, \"block\": \"basic\", \"depths\": [1]}| network.name",
                "{\"block\": \"basic\", \"depths\": 3}| network.depths",
                "{\"block\": \"basic\", \"depths\": [1, \"2\"]}| network.depths.1 is \"2\"; it must be a list of whole numbers",
                "{\"block\": \"basic\", \"depths\": [1, 1.5]}| network.depths.1",
                "{\"block\": \"basic\", \"depths\": [1, null]}| network.depths",
                "{\"block\": \"basic\", \"depths\": [1, 1, 1, 1, 1, 1, 1, 1]}| network.widths",
                "{| JSON",
                "{\"depths\": [1]}| block",
                "{\"block\": \"basic\"}| depths",
                "{\"block\": \"wide\", \"depths\": [1]}| basic, bottleneck, pooled",
                "{\"block\": \"basic\", \"dephts\": [1]}| network.dephts is [1]; it must be left out, there is no such field; the nearest is depths",
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
        assertThatThrownBy(() -> NetworkFile.read(json, null))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessageContaining(named);
    }

    @Test
    void aKnownOneIsItsNameAndHasTheStemOfItsAuthors() {
        assertThat(NetworkFile.of(null, null).network(DIGIT, 10))
                .isEqualTo(new Network("resnet18", Network.Stem.IMAGENET, 1, 10));
        assertThat(NetworkFile.read("\"resnet9\"", null).stem()).isEqualTo(Network.Stem.CIFAR);
        assertThat(NetworkFile.read("\"resnet9\"", Network.Stem.IMAGENET).stem())
                .isEqualTo(Network.Stem.IMAGENET);
        assertThat(NetworkFile.read("{\"name\": \"resnet50\", \"stem\": \"cifar\"}", null)
                        .network(new ImageShape(3, 32, 32), 10))
                .isEqualTo(new Network("resnet50", Network.Stem.CIFAR, 3, 10));
    }

    @Test
    void aStemIsSaidOnce() {
        assertThatThrownBy(() -> NetworkFile.read(
                        "{\"block\": \"basic\", \"depths\": [1], \"stem\": \"cifar\"}", Network.Stem.IMAGENET))
                .hasMessage("stem is \"imagenet\"; it must be left out, network.stem says it");
    }

    @Test
    void anImageThatIsTooSmallIsRefusedWithWhatWouldDo() {
        NetworkFile file = NetworkFile.read("\"resnet9\"", Network.Stem.IMAGENET);

        assertThat(file.network(new ImageShape(1, 31, 31), 10).name()).isEqualTo("resnet9");
        assertThatThrownBy(() -> file.network(new ImageShape(1, 64, 28), 10))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessage(
                        "network is \"resnet9\"; it must be one that takes images of 1x64x28: with the stem imagenet"
                                + " this one needs at least 31 pixels a side; with the stem cifar it takes these");
    }

    @Test
    void thereMustBeSomethingToTellApart() {
        assertThatThrownBy(() -> NetworkFile.of(null, null).network(DIGIT, 1))
                .hasMessage("classes is 1; it must be a whole number from 2 to 65536");
    }

    @ParameterizedTest
    @CsvSource({"28x28", "1x28", "1x28x28x1", "0x28x28", "1x0x28", "1x28x99999", "2000x28x28", "-1x2x3", "axbxc", "''"})
    void aShapeIsChannelsHeightAndWidth(String written) {
        assertThat(ImageShape.of("3x32x48"))
                .isEqualTo(new ImageShape(3, 32, 48))
                .hasToString("3x32x48");
        assertThatThrownBy(() -> ImageShape.of(written))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessageContaining("shape is \"" + written + "\"; it must be ");
    }
}
