// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.event.Precision;
import io.millrace.contracts.safetensors.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The update against the definition of torch.optim.SGD, in double precision, on gradients that a second learner takes at
 * the same weights.
 */
class SgdTest {
    private static final List<String> WATCHED = List.of("conv1.weight", "layer4.1.bn2.weight", "fc.bias");
    private static final double[] LEARNING_RATES = {0.01, 0.05, 0.002};

    @ParameterizedTest
    @CsvSource({"0.9, true, 0.0005", "0.8, false, 0.01", "0, false, 0.1"})
    void everyStepIsThatOfTorch(double momentum, boolean nesterov, double weightDecay) {
        // Given
        List<List<Tensor>> weights = new ArrayList<>();
        List<List<Tensor>> gradientTaken = new ArrayList<>();
        List<Tensor> buffers;
        try (Learner learner = Given.learner(Given.recipe(momentum, nesterov, weightDecay, 0, Precision.FP32, false));
                Learner probe = Given.learner(Given.plainDescent(0))) {
            List<Tensor> zeros = probe.optimizerState();
            weights.add(learner.weights());

            // When
            for (int step = 0; step < LEARNING_RATES.length; step++) {
                probe.restore(weights.get(step), zeros);
                probe.step(List.of(Given.batch(step, 6)), 1);
                gradientTaken.add(probe.weights());
                learner.step(List.of(Given.batch(step, 6)), LEARNING_RATES[step]);
                weights.add(learner.weights());
            }
            buffers = learner.optimizerState();
        }

        // Then
        for (String name : WATCHED) {
            float[] start = Given.floats(Given.named(weights.get(0), name));
            double[] parameter = new double[start.length];
            double[] buffer = new double[start.length];
            for (int k = 0; k < start.length; k++) {
                parameter[k] = start[k];
            }
            for (int step = 0; step < LEARNING_RATES.length; step++) {
                float[] before = Given.floats(Given.named(weights.get(step), name));
                float[] after = Given.floats(Given.named(gradientTaken.get(step), name));
                for (int k = 0; k < parameter.length; k++) {
                    double gradient = (double) before[k] - after[k] + weightDecay * parameter[k];
                    buffer[k] = step == 0 ? gradient : momentum * buffer[k] + gradient;
                    double direction = nesterov ? gradient + momentum * buffer[k] : buffer[k];
                    parameter[k] -= LEARNING_RATES[step] * direction;
                }
            }
            assertClose(name, Given.floats(Given.named(weights.get(LEARNING_RATES.length), name)), parameter);
            assertClose(name, Given.floats(Given.named(buffers, "momentum." + name)), buffer);
        }
    }

    private static void assertClose(String name, float[] found, double[] expected) {
        for (int k = 0; k < expected.length; k++) {
            assertThat((double) found[k]).as(name + "[" + k + "]").isCloseTo(expected[k], within(2e-6));
        }
    }
}
