// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Adam;
import io.millrace.model.optimizer.Averaged;
import io.millrace.model.optimizer.Clipped;
import io.millrace.model.optimizer.Optimizer;
import io.millrace.model.optimizer.Sgd;
import io.millrace.model.optimizer.UpdateRule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kernel elements that only ever meet padding, which the device does without, against torch, which updates them:
 * {@code dead_taps.json} was written by {@code dead_taps.py}.
 */
class DeadTapsTest {
    private static final Network NARROW = new Network(
            "narrow",
            Network.Stem.IMAGENET,
            1,
            4,
            new ResidualLayout(Block.BASIC, List.of(1, 1, 1, 1), List.of(4, 4, 6, 8), null, null, null, null));
    private static final int STEPS = 200;
    /** Where Adam takes elements through zero; the others keep their size. */
    private static final double NEAR_ZERO = 0.002;

    private static final UpdateRule AVERAGED = update("adamw averaged");

    private static JsonNode fixture;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = DeadTapsTest.class.getResourceAsStream("dead_taps.json")) {
            fixture = new ObjectMapper().readTree(in);
        }
    }

    private static UpdateRule update(String name) {
        Adam adamW = new Adam(0.9, 0.999, 1e-8, true);
        return switch (name) {
            case "nesterov" -> rule(new Sgd(0.9, true), 0.02);
            case "sgd" -> rule(new Sgd(0.9, false), 0.02);
            case "plain" -> rule(new Sgd(0, false), 0.05);
            case "nesterov clipped averaged" -> rule(new Averaged(new Clipped(new Sgd(0.9, true), 0.5), 0.98), 0.02);
            case "adamw averaged" -> rule(new Averaged(adamW, 0.98), 0.1);
            case "adam" -> rule(new Adam(0.9, 0.999, 1e-8, false), 0.1);
            default -> throw new AssertionError(name);
        };
    }

    private static UpdateRule rule(Optimizer optimizer, double weightDecay) {
        return new UpdateRule(optimizer, weightDecay, true, List.of());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void theyEndWhereTorchTakesThem(int index) {
        // Given
        JsonNode expected = fixture.path("cases").get(index);
        UpdateRule update = update(expected.path("name").asText());

        // When
        List<Tensor> weights;
        List<Tensor> state;
        try (Learner learner = begun(update)) {
            steps(learner, 0, STEPS, expected.path("factor").asDouble());
            weights = learner.weights();
            state = learner.optimizerState();
        }

        // Then
        assertClose(weights, "", expected.path("weights"));
        expected.path("buffers")
                .properties()
                .forEach(buffer -> assertClose(state, buffer.getKey() + ".", buffer.getValue()));
    }

    private static void assertClose(List<Tensor> tensors, String prefix, JsonNode expected) {
        expected.properties().forEach(entry -> {
            List<Float> dead = dead(entry.getKey(), Given.named(tensors, prefix + entry.getKey()));
            for (int k = 0; k < entry.getValue().size(); k++) {
                double value = entry.getValue().get(k).asDouble();
                assertThat((double) dead.get(k * fixture.path("every").asInt()))
                        .as(prefix + entry.getKey() + " " + k)
                        .isCloseTo(value, within(1e-5 * Math.max(Math.abs(value), NEAR_ZERO)));
            }
        });
    }

    /** The row or the column that dead_taps.py looks at. */
    private static List<Float> dead(String name, Tensor tensor) {
        float[] values = Given.floats(tensor);
        List<Float> dead = new ArrayList<>();
        for (int k = 0; k < values.length; k++) {
            boolean firstRow = k % 9 < 3;
            boolean firstColumn = k % 3 == 0;
            if (name.endsWith("conv1.weight") ? firstRow : firstColumn) {
                dead.add(values[k]);
            }
        }
        return dead;
    }

    static Stream<UpdateRule> updates() {
        return Stream.of("nesterov", "nesterov clipped averaged", "adamw averaged", "adam")
                .map(DeadTapsTest::update);
    }

    @ParameterizedTest
    @MethodSource("updates")
    void itDoesNotMatterHowOftenTheyAreWrittenDown(UpdateRule update) {
        List<Tensor> undisturbed;
        List<Tensor> undisturbedState;
        try (Learner learner = begun(update)) {
            steps(learner, 0, 30);
            undisturbed = learner.weights();
            undisturbedState = learner.optimizerState();
        }

        List<Tensor> weights;
        List<Tensor> state;
        try (Learner learner = begun(update)) {
            steps(learner, 0, 10);
            weights = learner.weights();
            state = learner.optimizerState();
        }
        for (int from = 10; from < 30; from += 10) {
            try (Learner learner = restored(update, weights, state)) {
                steps(learner, from, from + 5);
                learner.weights();
                steps(learner, from + 5, from + 10);
                weights = learner.weights();
                state = learner.optimizerState();
            }
        }

        assertThat(weights).isEqualTo(undisturbed);
        assertThat(state).isEqualTo(undisturbedState);
    }

    @Test
    void whereTheyAreNotLinearTheDeviceHoldsThem() {
        try (Learner learner = begun(update("adam"))) {
            steps(learner, 0, 2);

            assertThat(learner.optimizerState()).extracting(Tensor::name).noneMatch(name -> name.startsWith("dead."));
        }
    }

    @Test
    void anOptimizerThatCannotDoWithoutFromHereSaysSo() {
        try (Learner learner = begun(AVERAGED)) {
            List<Tensor> state = new ArrayList<>(learner.optimizerState());
            String name = "exp_avg.layer4.0.conv2.weight";
            state.removeIf(tensor -> tensor.name().equals(name));
            float[] ones = new float[8 * 8 * 9];
            Arrays.fill(ones, 1);
            state.add(Given.tensor(name, List.of(8L, 8L, 3L, 3L), ones));

            assertThatThrownBy(() -> learner.restore(learner.weights(), state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(name, "larger images");
        }
    }

    private static List<String> names(List<Tensor> weights, Predicate<Tensor> which) {
        return weights.stream().filter(which).map(Tensor::name).toList();
    }

    private static Optional<List<Tensor>> averaged(Learner learner) {
        return Averaged.weights(learner.weights(), learner.optimizerState());
    }

    @Test
    void anAverageIsThereFromTheFirstStepOn() {
        try (Learner learner = begun(AVERAGED)) {
            assertThat(averaged(learner)).isEmpty();
            steps(learner, 0, 1);
            assertThat(averaged(learner)).contains(learner.weights());
            steps(learner, 1, 4);
            List<Tensor> weights = learner.weights();
            List<Tensor> averaged = averaged(learner).orElseThrow();
            assertThat(averaged).extracting(Tensor::name).isEqualTo(names(weights, tensor -> true));
            assertThat(names(weights, averaged::contains))
                    .as("BatchNorm's statistics")
                    .isEqualTo(names(weights, tensor -> tensor.name().matches(".*(running_.*|num_batches_tracked)")));
        }
        try (Learner learner = begun(update("sgd"))) {
            steps(learner, 0, 1);
            assertThat(averaged(learner)).isEmpty();
        }
    }

    @Test
    void otherWeightsThanThoseOfTheStateAreTakenAsTheyAre() {
        try (Learner learner = begun(update("nesterov"))) {
            steps(learner, 0, 3);
            List<Tensor> state = learner.optimizerState();
            List<Tensor> others = Networks.initialWeights(NARROW, 5);

            learner.restore(others, state);

            assertThat(learner.weights()).isEqualTo(others);
            assertThat(buffers(learner.optimizerState())).isEqualTo(buffers(state));
        }
    }

    @Test
    void aStateFromBeforeThereWereAnyGoesOn() {
        try (Learner learner = begun(update("nesterov"))) {
            steps(learner, 0, 3);
            List<Tensor> weights = learner.weights();
            List<Tensor> buffers = buffers(learner.optimizerState());
            steps(learner, 3, 6);
            List<Tensor> expected = learner.weights();

            learner.restore(weights, buffers);
            steps(learner, 3, 6);

            List<Tensor> found = learner.weights();
            for (int t = 0; t < found.size(); t++) {
                assertThat(Given.floats(found.get(t)))
                        .as(found.get(t).name())
                        .containsExactly(Given.floats(expected.get(t)), within(1e-6f));
            }
        }
    }

    private static List<Tensor> buffers(List<Tensor> state) {
        return state.stream()
                .filter(tensor -> tensor.name().startsWith("momentum."))
                .toList();
    }

    private static Learner begun(UpdateRule update) {
        List<Tensor> weights = new ArrayList<>();
        List<Tensor> zeros = new ArrayList<>();
        int stream = 0;
        for (Weight weight : Networks.weights(NARROW)) {
            float[] values = new float[(int) weight.elements()];
            if (weight.trainable()) {
                for (String buffer : update.optimizer().buffers()) {
                    zeros.add(Given.tensor(buffer + "." + weight.name(), weight.shape(), new float[values.length]));
                }
                double[] formula = Given.formula(stream++, values.length);
                for (int k = 0; k < values.length; k++) {
                    values[k] = (float) (weight.name().contains("bn") ? 1 + 0.1 * formula[k] : 0.2 * formula[k]);
                }
            } else if (weight.name().endsWith("running_var")) {
                Arrays.fill(values, 1);
            }
            weights.add(Given.tensor(weight.name(), weight.shape(), values));
        }
        if (update.optimizer().counts()) {
            zeros.add(OptimizerState.step(0));
        }
        return restored(update, weights, zeros);
    }

    private static Learner restored(UpdateRule update, List<Tensor> weights, List<Tensor> state) {
        Recipe recipe = Given.recipe(0.9, true, 0, 0, Precision.FP32, true);
        StepRules rules = StepRules.of(NARROW, Given.NORMALIZATION, Given.SIDE, Given.SIDE);
        return Learner.restored(rules, update, recipe, 0, Given.compute(recipe), weights, state);
    }

    private static void steps(Learner learner, int from, int to) {
        steps(learner, from, to, 1);
    }

    private static void steps(Learner learner, int from, int to, double factor) {
        for (int step = from; step < to; step++) {
            double rate = 0.05 * (1 + Math.cos(Math.PI * step / STEPS)) / 2;
            learner.step(List.of(batch(step)), factor * rate);
        }
    }

    private static ImageBatch batch(int step) {
        int size = fixture.path("batch").asInt();
        double[] formula = Given.formula(1000 + step, size * Given.SIDE * Given.SIDE);
        ByteBuffer pixels = ByteBuffer.allocate(formula.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : formula) {
            pixels.putFloat((float) value);
        }
        return new ImageBatch(
                new BatchId("test", Split.TRAIN, 0, step, 0),
                STEPS,
                Encoding.FLOAT32,
                Given.NORMALIZATION,
                size,
                1,
                Given.SIDE,
                Given.SIDE,
                pixels.flip(),
                IntStream.range(0, size).toArray(),
                "");
    }
}
