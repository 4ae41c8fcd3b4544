// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearnerTest {
    private static Learner shared;
    private static List<Tensor> weights;
    private static List<Tensor> state;

    @BeforeAll
    static void create() {
        shared = Given.learner(Given.recipe());
        weights = shared.weights();
        state = shared.optimizerState();
    }

    @AfterAll
    static void close() {
        shared.close();
    }

    private static Learner fresh() {
        shared.restore(weights, state);
        return shared;
    }

    private static List<Tensor> after(Learner learner, ImageBatch... shards) {
        learner.step(List.of(shards), 0.01);
        return learner.weights();
    }

    @Test
    void theLossOfOneBatchFalls() {
        Learner learner = fresh();
        ImageBatch batch = Given.batch(5, 16);

        learner.step(List.of(batch), 0.01);
        double first = learner.stats().loss();
        for (int step = 0; step < 15; step++) {
            learner.step(List.of(batch), 0.01);
        }
        learner.stats();
        learner.step(List.of(batch), 0.01);
        StepStats last = learner.stats();

        // With label smoothing 0.1 and ten classes, a perfect answer still has a loss of 0.5.
        assertThat(first).isBetween(1.8, 4.0);
        assertThat(last.loss()).isLessThan(0.8);
        assertThat(last.accuracy()).isEqualTo(1);
    }

    @Test
    void statsAreMeansOverTheSamplesSinceTheLastReading() {
        Learner learner = fresh();
        learner.step(List.of(Given.batch(1, 4)), 0);
        StepStats small = learner.stats();
        learner.step(List.of(Given.batch(2, 12)), 0);
        StepStats large = learner.stats();

        learner.step(List.of(Given.batch(1, 4)), 0);
        learner.step(List.of(Given.batch(2, 12)), 0);
        StepStats both = learner.stats();

        assertThat(both.samples()).isEqualTo(16);
        assertThat(both.loss()).isCloseTo((4 * small.loss() + 12 * large.loss()) / 16, within(1e-6));
        assertThat(both.accuracy()).isCloseTo((4 * small.accuracy() + 12 * large.accuracy()) / 16, within(1e-9));
        assertThat(learner.stats()).isEqualTo(new StepStats(Double.NaN, Double.NaN, 0));
    }

    @Test
    void aDivergedRunShowsInTheLoss() {
        Learner learner = fresh();
        for (int step = 0; step < 2; step++) {
            learner.step(List.of(Given.batch(1, 4)), 1e30);
        }
        assertThat(learner.stats().loss()).isNaN();
    }

    /** As a run does that has a validation split. */
    @Test
    void scoringItsWeightsBetweenStepsChangesNoBit() {
        List<Tensor> undisturbed = steps(fresh(), false);

        assertThat(steps(fresh(), true)).isEqualTo(undisturbed);
    }

    private static List<Tensor> steps(Learner learner, boolean scored) {
        for (int step = 0; step < 4; step++) {
            learner.step(List.of(Given.batch(step, 8)), 0.01);
            if (scored) {
                try (Scorer scorer =
                        Scorer.of(Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, learner.weights())) {
                    scorer.score(Given.batch(50, 16));
                }
            }
        }
        return learner.weights();
    }

    @Test
    void bytesAndFloatsAreTheSameInputToTheBit() {
        ImageBatch bytes = Given.batch(1, 6);

        List<Tensor> fromBytes = after(fresh(), bytes);
        List<Tensor> fromFloats = after(fresh(), Given.asFloats(bytes));

        assertThat(fromFloats).isEqualTo(fromBytes);
    }

    @Test
    void shardsOfAStepAreOneBatch() {
        byte[] pixels = new byte[8 * Given.SIDE * Given.SIDE];
        ImageBatch first = Given.batch(1, 5);
        ImageBatch second = Given.batch(2, 3);
        first.images().get(pixels, 0, first.images().remaining());
        second.images().get(pixels, first.images().remaining(), second.images().remaining());
        int[] labels = java.util.stream.IntStream.concat(
                        java.util.Arrays.stream(first.labels()), java.util.Arrays.stream(second.labels()))
                .toArray();

        List<Tensor> sharded = after(fresh(), first, second);
        List<Tensor> whole = after(fresh(), Given.batch(3, 1, Given.NORMALIZATION, pixels, labels));

        assertThat(sharded).isEqualTo(whole);
    }

    @Test
    void aBatchThatLiesSomewhereInALargerBufferIsReadFromItsPlace() {
        ImageBatch plain = Given.batch(1, 6);
        int length = plain.images().remaining();
        for (ByteBuffer larger : List.of(ByteBuffer.allocate(length + 13), ByteBuffer.allocateDirect(length + 13))) {
            larger.position(7);
            larger.put(plain.images()).flip().position(7);
            ImageBatch placed = new ImageBatch(
                    plain.id(),
                    1,
                    plain.encoding(),
                    plain.normalization(),
                    plain.size(),
                    1,
                    Given.SIDE,
                    Given.SIDE,
                    larger,
                    plain.labels(),
                    "");

            assertThat(after(fresh(), placed)).isEqualTo(after(fresh(), plain));
        }
    }

    @Test
    void layoutAndPrecisionChangeTheResultOnlyALittle() {
        ImageBatch batch = Given.batch(1, 16);
        fresh().step(List.of(batch), 0);
        double fp32 = shared.stats().loss();

        assertThat(lossOf(Precision.FP32, true, batch)).isCloseTo(fp32, within(1e-4));
        assertThat(lossOf(Precision.BF16, false, batch)).isCloseTo(fp32, within(0.05));
        assertThat(lossOf(Precision.BF16, true, batch)).isCloseTo(fp32, within(0.05));
    }

    private static double lossOf(Precision precision, boolean channelsLast, ImageBatch batch) {
        try (Learner learner = Given.learner(Given.recipe(0.9, true, 5e-4, 0.1, precision, channelsLast))) {
            assertThat(learner.compute().precision()).isEqualTo(precision);
            learner.restore(weights, state);
            learner.step(List.of(batch), 0);
            return learner.stats().loss();
        }
    }

    /** The graph for GPUs, which a processor can compute, too: other operations, the same mathematics. */
    @Test
    void theGraphOfAGpuTakesTheWeightsToTheSamePlace() {
        Recipe recipe = Given.recipe();
        Compute here = Given.compute(recipe);
        List<List<Tensor>> reached = new ArrayList<>();
        for (String device : List.of("cpu", "cuda")) {
            Compute compute = new Compute(
                    here.precision(), here.channelsLast(), device, here.threads(), here.processor(), here.engine());
            try (Learner learner =
                    Learner.create(Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, recipe, compute, 1)) {
                learner.step(List.of(Given.batch(1, 16)), 0.01);
                reached.add(learner.weights());
            }
        }

        assertThat(reached.get(1)).isNotEqualTo(reached.get(0));
        assertClose(reached.get(1), reached.get(0), 1e-4);
    }

    @Test
    void gradientsOfBatchesCanBeAddedUpBeforeTheUpdate() {
        ImageBatch batch = Given.batch(1, 8);
        List<Tensor> atOnce = after(fresh(), batch);
        List<Tensor> stateAtOnce = shared.optimizerState();

        Learner learner = fresh();
        for (int round = 0; round < 2; round++) {
            learner.restore(weights, state);
            learner.accumulate(List.of(batch), 0.25);
            learner.accumulate(List.of(batch), 0.75);
            learner.update(0.01);
        }

        // Statistics of BatchNorm moved twice.
        assertClose(parameters(learner.weights()), parameters(atOnce), 1e-5);
        assertClose(learner.optimizerState(), stateAtOnce, 1e-5);
        assertThat(learner.stats().samples()).isEqualTo(16);
        learner.accumulate(List.of(Given.batch(2, 8)), 1);
        List<Tensor> before = learner.weights();
        learner.update(0);
        assertThat(parameters(learner.weights())).isEqualTo(parameters(before));
    }

    private static final Recipe IN_SLICES = Given.recipe("{\"accumulate\": 4, \"batchSize\": 16}");

    @Test
    void aStepInSlicesIsTheMeanOverTheWholeBatch() {
        List<ImageBatch> eachSliceAlike = Collections.nCopies(2, Given.batch(1, 16));
        try (Learner whole = Given.learner(Given.recipe("{\"batchSize\": 32}"));
                Learner sliced = Given.learner(Given.recipe("{\"accumulate\": 2, \"batchSize\": 32}"))) {
            whole.step(eachSliceAlike, 0.01);
            sliced.step(eachSliceAlike, 0.01);

            assertClose(parameters(sliced.weights()), parameters(whole.weights()), 1e-4);
            assertThat(sliced.stats().samples()).isEqualTo(32);
            assertThat(sliced.weights()).isNotEqualTo(whole.weights());
        }
    }

    @Test
    void slicesAreCutThroughTheBatchesOfAStep() {
        ImageBatch first = Given.batch(1, 6);
        ImageBatch second = Given.batch(2, 10);
        try (Learner byHand = Given.learner(IN_SLICES);
                Learner sliced = Given.learner(IN_SLICES)) {
            byHand.accumulate(List.of(first.images(0, 4)), 0.25);
            byHand.accumulate(List.of(first.images(4, 2), second.images(0, 2)), 0.25);
            byHand.accumulate(List.of(second.images(2, 4)), 0.25);
            byHand.accumulate(List.of(second.images(6, 4)), 0.25);
            byHand.update(0.01);

            sliced.step(List.of(first, second), 0.01);

            assertThat(sliced.weights()).isEqualTo(byHand.weights());
            assertThat(sliced.optimizerState()).isEqualTo(byHand.optimizerState());
            assertThatThrownBy(() -> sliced.step(List.of(Given.batch(1, 18)), 0.01))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("18 images, which cannot be divided into 4 equal slices");
            assertThatThrownBy(() -> sliced.step(List.of(Given.batch(1, 4)), 0.01))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("fewer than 2 images");
        }
    }

    private static List<Tensor> parameters(List<Tensor> tensors) {
        return tensors.stream()
                .filter(tensor -> !tensor.name().contains("running_"))
                .toList();
    }

    /** In units of each tensor's largest element. */
    private static void assertClose(List<Tensor> found, List<Tensor> expected, double tolerance) {
        for (int t = 0; t < expected.size(); t++) {
            if (expected.get(t).dtype() == DType.F32) {
                float[] values = Given.floats(expected.get(t));
                float[] others = Given.floats(found.get(t));
                double largest = 0;
                double difference = 0;
                for (int k = 0; k < values.length; k++) {
                    largest = Math.max(largest, Math.abs(values[k]));
                    difference = Math.max(difference, Math.abs(values[k] - others[k]));
                }
                assertThat(difference).as(expected.get(t).name()).isLessThanOrEqualTo(tolerance * largest);
            }
        }
    }

    @Test
    void noNativeArrayStaysBehind() {
        Learner learner = fresh();
        learner.step(List.of(Given.batch(1, 4)), 0.01);
        int held = learner.nativeArrays();

        for (int step = 0; step < 2; step++) {
            learner.step(List.of(Given.batch(1, 4), Given.batch(2, 4)), 0.01);
            learner.weights();
            learner.optimizerState();
            learner.stats();
            learner.restore(weights, state);
        }

        assertThat(learner.nativeArrays()).isEqualTo(held);
    }

    @Test
    void readingTheLossLeavesNothingBehind() {
        try (Learner learner = Given.learner(Given.recipe())) {
            // 62 parameters and as many momentum buffers, the sums, and two times scale and zero point.
            assertThat(learner.nativeArrays()).isEqualTo(62 + 62 + 1 + 4);
            for (int step = 0; step < 5; step++) {
                learner.step(List.of(Given.batch(1, 4)), 0.01);
                assertThat(learner.stats().samples()).isEqualTo(4);
                assertThat(learner.nativeArrays()).isEqualTo(62 + 62 + 1 + 4);
            }
        }
    }

    static List<ImageBatch> unfit() {
        ImageBatch batch = Given.batch(1, 2);
        Normalization other = Normalization.ofMeanStd(List.of(0.5), List.of(0.5));
        Normalization three = Normalization.ofMeanStd(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
        int pixels = Given.SIDE * Given.SIDE;
        return List.of(
                Given.labelled(batch, 3, 10),
                Given.labelled(batch, -1, 3),
                Given.labelled(batch, 3, Integer.MAX_VALUE),
                Given.batch(1, 1, other, new byte[2 * pixels], new int[2]),
                Given.batch(1, 3, three, new byte[6 * pixels], new int[2]),
                Given.batch(1, 1, Given.NORMALIZATION, new byte[0], new int[0]),
                Given.batch(1, 1, Given.NORMALIZATION, new byte[pixels], new int[1]));
    }

    @ParameterizedTest
    @MethodSource("unfit")
    void aBatchThatDoesNotFitIsRefusedAndChangesNothing(ImageBatch batch) {
        Learner learner = fresh();

        assertThatThrownBy(() -> learner.step(List.of(batch), 0.01))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("test/train/0/1/0");

        assertThat(learner.weights()).isEqualTo(weights);
        assertThat(learner.stats().samples()).isZero();
    }

    @Test
    void theRefusalNamesTheLabel() {
        assertThatThrownBy(() -> shared.step(List.of(Given.labelled(Given.batch(1, 2), 3, 10)), 0.01))
                .hasMessageContainingAll("label 10", "0 to 9");
    }

    @Test
    void shardsOfDifferentFormAreRefused() {
        ImageBatch bytes = Given.batch(1, 4);

        assertThatThrownBy(() -> shared.step(List.of(bytes, Given.asFloats(Given.batch(2, 4))), 0.01))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("test/train/0/2/0");
        assertThatThrownBy(() -> shared.step(List.of(), 0.01)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRecipeThatMakesNoSenseIsRefusedByName() {
        assertRefused(() -> Given.recipe(1, false, 0, 0, Precision.FP32, false), "momentum");
        assertRefused(() -> Given.recipe(-0.1, false, 0, 0, Precision.FP32, false), "momentum");
        assertRefused(() -> Given.recipe(Double.NaN, false, 0, 0, Precision.FP32, false), "momentum");
        assertRefused(() -> Given.recipe(0, true, 0, 0, Precision.FP32, false), "nesterov");
        assertRefused(() -> Given.recipe(0, false, -1, 0, Precision.FP32, false), "weightDecay");
        assertRefused(() -> Given.recipe(0, false, 0, 1, Precision.FP32, false), "labelSmoothing");
    }

    private static void assertRefused(ThrowingCallable recipe, String name) {
        assertThatThrownBy(recipe).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(name);
    }

    @Test
    void aNetworkThatCannotBeBuiltIsRefused() {
        Network unknown = new Network("resnet19", Network.Stem.CIFAR, 1, 10);
        assertThatThrownBy(() -> create(unknown))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("resnet19", "resnet18");

        Network threeChannels = new Network("resnet18", Network.Stem.CIFAR, 3, 10);
        assertThatThrownBy(() -> create(threeChannels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("channels");
    }

    private static Learner create(Network network) {
        return Learner.create(
                network, Given.NORMALIZATION, Given.SIDE, Given.SIDE, Given.recipe(), Given.compute(Given.recipe()), 1);
    }
}
