// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Twenty steps on one batch: every network there is, and some of one's own. */
class EveryNetworkLearnsTest {
    private static final int SIDE = 16;
    private static final int SIZE = 8;
    private static final int STEPS = 20;

    static Stream<Network> networks() {
        Stream<NetworkFile> own = Stream.of(
                        "{\"block\": \"bottleneck\", \"depths\": [1, 2], \"widths\": [8, 16], \"stem\": \"cifar\"}",
                        "{\"block\": \"basic\", \"depths\": [1, 1, 1], \"widths\": [8, 8, 16], \"pool\": \"max\"}",
                        "{\"block\": \"pooled\", \"depths\": [0, 2], \"widths\": [8, 16], \"stem\": \"cifar\"}")
                .map(json -> NetworkFile.read(json, null));
        Stream<NetworkFile> known =
                NamedNetworks.NAMES.stream().map(name -> NetworkFile.of(TextNode.valueOf(name), null));
        return Stream.concat(known, own).map(file -> file.network(new ImageShape(1, SIDE, SIDE), 4));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void theLossFalls(Network network) {
        Recipe recipe = Given.recipe(0.9, true, 5e-4, 0, Precision.FP32, true);
        ImageBatch batch = batch();
        try (Learner learner =
                Learner.create(network, Given.NORMALIZATION, SIDE, SIDE, recipe, Given.compute(recipe), 1)) {
            learner.step(List.of(batch), 0.01);
            double first = learner.stats().loss();
            for (int step = 1; step < STEPS; step++) {
                learner.step(List.of(batch), 0.01);
            }
            learner.stats();
            learner.step(List.of(batch), 0);

            assertThat(learner.stats().loss()).isLessThan(0.6 * first);
        }
    }

    private static ImageBatch batch() {
        SplittableRandom random = new SplittableRandom(1);
        byte[] pixels = new byte[SIZE * SIDE * SIDE];
        random.nextBytes(pixels);
        return new ImageBatch(
                new BatchId("test", Split.TRAIN, 0, 0, 0),
                1,
                Encoding.UINT8,
                Given.NORMALIZATION,
                SIZE,
                1,
                SIDE,
                SIDE,
                ByteBuffer.wrap(pixels),
                random.ints(SIZE, 0, 4).toArray(),
                "");
    }
}
