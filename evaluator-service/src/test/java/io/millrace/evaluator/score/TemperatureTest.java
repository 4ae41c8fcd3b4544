// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.event.Calibration.Familiarity;
import io.millrace.model.Predictions;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TemperatureTest {
    /** What torch and scipy make of some logits; see make_calibration.py beside it. */
    record Reference(
            String name,
            float[][] logits,
            int[] labels,
            double temperature,
            double crossEntropy,
            double calibrationErrorBefore,
            double calibrationErrorAfter,
            double[] energies,
            double reachedBy95Percent) {
        @Override
        public String toString() {
            return name;
        }

        private Tally tally(double at) throws UnusableNetworkException {
            Tally tally = new Tally(IntStream.range(0, logits[0].length)
                    .mapToObj(Integer::toString)
                    .toList());
            for (int n = 0; n < labels.length; n++) {
                tally.add(Prediction.of(labels[n], logits[n], at));
            }
            return tally;
        }
    }

    static Stream<Reference> references() throws IOException {
        try (InputStream in = TemperatureTest.class.getResourceAsStream("/calibration.json")) {
            return Stream.of(new ObjectMapper().readValue(in, Reference[].class));
        }
    }

    @ParameterizedTest
    @MethodSource("references")
    void itIsTheOneOfTorchAndScipy(Reference reference) throws Exception {
        double temperature = Temperature.fit(reference.logits(), reference.labels());

        assertThat(temperature).isCloseTo(reference.temperature(), within(1e-6));
        assertThat(Temperature.fit(reference.logits(), reference.labels())).isEqualTo(temperature);
        assertThat(reference.tally(temperature).loss()).isCloseTo(reference.crossEntropy(), within(1e-6));
        assertThat(reference.tally(1).calibrationError()).isCloseTo(reference.calibrationErrorBefore(), within(1e-6));
        assertThat(reference.tally(temperature).calibrationError())
                .isCloseTo(reference.calibrationErrorAfter(), within(1e-6));
    }

    @ParameterizedTest
    @MethodSource("references")
    void energiesAndTheThresholdAreThoseOfScipy(Reference reference) {
        for (int n = 0; n < reference.labels().length; n++) {
            float[] row = reference.logits()[n];
            assertThat(new Predictions(row, row.length).energy(0))
                    .isCloseTo(reference.energies()[n], within(1e-6));
        }
        Familiarity familiarity = new HeldOutAnswers(reference.logits(), reference.labels()).familiarity();
        assertThat(familiarity.threshold()).isCloseTo(reference.reachedBy95Percent(), within(1e-6));
        assertThat(familiarity.rate()).isEqualTo(0.95);
    }

    @Test
    void aSplitThatCannotTellIsRefusedWithTheReason() {
        assertThatThrownBy(() -> Temperature.fit(new float[][] {{1, 2}, {2, 1}}, new int[] {1, 1}))
                .isInstanceOf(UncalibratedException.class)
                .hasMessageContaining("all 2 images of the validation split are of one class");
        assertThatThrownBy(
                        () -> Temperature.fit(new float[][] {{1, 2}, {Float.POSITIVE_INFINITY, 1}}, new int[] {1, 0}))
                .isInstanceOf(UncalibratedException.class)
                .hasMessageContaining("image 1")
                .hasMessageContaining("Infinity");
        assertThatThrownBy(() -> Temperature.fit(new float[][] {{1, Float.NaN}, {2, 1}}, new int[] {1, 0}))
                .hasMessageContaining("NaN");
    }

    @Test
    void aTemperatureThatDoesNotConvergeIsBoundedAndSaidSo() {
        // All right, so that more confidence is always better
        assertThatThrownBy(() -> Temperature.fit(new float[][] {{3, 1}, {1, 2}}, new int[] {0, 1}))
                .isInstanceOf(UncalibratedException.class)
                .hasMessageContaining("below 0.01")
                .hasMessageContaining("too few mistakes");
        // All wrong, so that less is
        assertThatThrownBy(() -> Temperature.fit(new float[][] {{3, 1}, {1, 2}}, new int[] {1, 0}))
                .isInstanceOf(UncalibratedException.class)
                .hasMessageContaining("above 100");
        // All the same
        assertThatThrownBy(() -> Temperature.fit(new float[][] {{1, 1}, {1, 1}}, new int[] {1, 0}))
                .isInstanceOf(UncalibratedException.class)
                .hasMessageContaining("above 100");
    }

    @Test
    void hugeLogitsDoNotOverflow() throws Exception {
        float[][] logits = {{3e4f, 0}, {0, 3e4f}, {3e4f, 0}, {3e4f, 0}};
        assertThatThrownBy(() -> Temperature.fit(logits, new int[] {0, 1, 0, 1}))
                .isInstanceOf(UncalibratedException.class)
                .hasMessageContaining("above 100");
    }
}
