// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.model.schedule.LearningRateSchedule;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recipe that comes with Millrace, in a run of twenty steps of a small network on one batch. */
class EveryRecipeLearnsTest {
    private static final int SIDE = 16;
    private static final int SIZE = 32;
    private static final int CLASSES = 4;
    private static final int STEPS = 20;
    private static final Network NETWORK = NetworkFile.read(
                    "{\"block\": \"basic\", \"depths\": [1, 1], \"widths\": [8, 16], \"stem\": \"cifar\"}", null)
            .network(new ImageShape(1, SIDE, SIDE), CLASSES);

    static Stream<String> recipes() {
        return Recipes.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void theLossFalls(String name) {
        Recipe recipe = Recipes.named(name);
        List<ImageBatch> batch = List.of(batch());
        LearningRateSchedule rates = LearningRateSchedule.of(recipe.schedule(), STEPS, STEPS / 2);
        try (Learner learner = Learner.create(
                NETWORK,
                Given.NORMALIZATION,
                SIDE,
                SIDE,
                recipe,
                Torch.compute(Precision.FP32, recipe.channelsLast()),
                1)) {
            learner.step(batch, 0);
            double first = learner.stats().loss();
            for (int step = 0; step < STEPS; step++) {
                if (step == STEPS / 2) {
                    learner.beginEpoch(recipe.epochs());
                }
                learner.step(batch, rates.at(step));
            }
            learner.stats();
            learner.step(batch, 0);

            assertThat(learner.stats().loss()).isLessThan(0.9 * first);
        }
    }

    /** Each class is a brightness of its own. */
    private static ImageBatch batch() {
        SplittableRandom random = new SplittableRandom(1);
        byte[] pixels = new byte[SIZE * SIDE * SIDE];
        int[] labels = new int[SIZE];
        for (int k = 0; k < pixels.length; k++) {
            int sample = k / (SIDE * SIDE);
            labels[sample] = sample % CLASSES;
            pixels[k] = (byte) (50 * labels[sample] + random.nextInt(100));
        }
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
                labels,
                "");
    }
}
