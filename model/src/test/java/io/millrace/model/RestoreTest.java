// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Resuming is exact, in this process and in another one. */
class RestoreTest {
    static Stream<Recipe> recipes() {
        return Stream.of(
                Given.recipe(0.9, true, 5e-4, 0.1, Precision.FP32, false),
                Given.recipe(0.9, true, 5e-4, 0.1, Precision.BF16, true),
                Given.recipe("""
                        {"optimizer": {"kind": "adamw"}, "schedule": {"learningRate": 0.001}, "accumulate": 2,
                         "clipNorm": 0.5, "averaging": {"decay": 0.9}, "groups": [{"pattern": "head", "rateFactor": 2}]}
                        """));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aResumedRunEndsWithTheSameBitsAsAnUndisturbedOne(Recipe recipe) {
        // Given
        List<Tensor> undisturbed;
        List<Tensor> undisturbedState;
        try (Learner learner = Given.learner(recipe)) {
            steps(learner, 0, 6);
            undisturbed = learner.weights();
            undisturbedState = learner.optimizerState();
        }

        // When
        List<Tensor> weights;
        List<Tensor> state;
        try (Learner learner = Given.learner(recipe)) {
            steps(learner, 0, 3);
            weights = learner.weights();
            state = learner.optimizerState();
        }
        try (Learner resumed = Learner.restored(
                Given.NETWORK,
                Given.NORMALIZATION,
                Given.SIDE,
                Given.SIDE,
                recipe,
                0,
                Given.compute(recipe),
                weights,
                state)) {
            assertThat(resumed.weights()).as("weights as restored").isEqualTo(weights);
            assertThat(resumed.optimizerState()).as("momentum as restored").isEqualTo(state);
            steps(resumed, 3, 6);

            // Then
            assertThat(resumed.weights()).isEqualTo(undisturbed);
            assertThat(resumed.optimizerState()).isEqualTo(undisturbedState);
        }
    }

    @Test
    void anotherProcessComputesTheSameBits(@TempDir Path folder) throws IOException, InterruptedException {
        // Given
        Path output = folder.resolve("digest");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "-Dmillrace.threads=" + Torch.threads(),
                        Digest.class.getName(),
                        output.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();

        // When
        int code = process.waitFor();

        // Then
        assertThat(code).as(Files.readString(folder.resolve("log"))).isZero();
        assertThat(Files.readString(output)).isEqualTo(Digest.ofThreeSteps());
    }

    /** Trains a little and says what came of it. */
    static final class Digest {
        private Digest() {}

        public static void main(String[] arguments) throws IOException {
            Files.writeString(Path.of(arguments[0]), ofThreeSteps());
        }

        static String ofThreeSteps() {
            try (Learner learner = Given.learner(Given.recipe())) {
                steps(learner, 0, 3);
                return learner.weights().stream()
                        .map(tensor -> tensor.name() + "=" + tensor.data().hashCode())
                        .collect(Collectors.joining("\n"));
            }
        }
    }

    private static void steps(Learner learner, int from, int to) {
        for (int step = from; step < to; step++) {
            learner.step(List.of(Given.batch(step, 8)), 0.02);
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() {
        try (Learner learner = Given.learner(Given.recipe())) {
            steps(learner, 0, 1);
            List<Tensor> weights = learner.weights();
            List<Tensor> state = learner.optimizerState();

            assertThatThrownBy(() -> learner.restore(weights.subList(1, weights.size()), state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("conv1.weight");
            assertThatThrownBy(() -> learner.restore(plus(weights, Given.tensor("extra", List.of(1L), 0)), state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("extra");
            assertThatThrownBy(() -> learner.restore(
                            replaced(weights, Given.tensor("fc.bias", List.of(2L, 5L), new float[10])), state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("fc.bias", "[10]", "[2, 5]");
            assertThatThrownBy(() -> learner.restore(replaced(weights, halves("fc.bias", 10)), state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("fc.bias", "BF16");
            assertThatThrownBy(() -> learner.restore(weights, state.subList(0, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("momentum.");
            assertThatThrownBy(() -> learner.restore(
                            weights, replaced(state, Given.tensor("momentum.fc.bias", List.of(3L), 1, 2, 3))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("momentum.fc.bias", "[3]");
            assertThatThrownBy(() -> learner.restore(weights, weights)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Learner.restored(
                            Given.NETWORK,
                            Given.NORMALIZATION,
                            Given.SIDE,
                            Given.SIDE,
                            Given.recipe(),
                            0,
                            Given.compute(Given.recipe()),
                            weights,
                            weights))
                    .isInstanceOf(IllegalArgumentException.class);

            assertThat(learner.weights()).isEqualTo(weights);
            assertThat(learner.optimizerState()).isEqualTo(state);
        }
    }

    private static List<Tensor> plus(List<Tensor> tensors, Tensor more) {
        List<Tensor> all = new ArrayList<>(tensors);
        all.add(more);
        return all;
    }

    private static List<Tensor> replaced(List<Tensor> tensors, Tensor other) {
        return tensors.stream()
                .map(tensor -> tensor.name().equals(other.name()) ? other : tensor)
                .toList();
    }

    private static Tensor halves(String name, int count) {
        return new Tensor(name, DType.BF16, List.of((long) count), ByteBuffer.allocate(2 * count));
    }
}
