// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.registry.FakeModels;
import org.junit.jupiter.api.Test;

class PredictionTest {
    private static final Prediction.Timing TIMING = new Prediction.Timing(1, 2, 3);
    private static final float[] PROBABILITIES = {0, 0.125f, 0.5f, 0, 0.25f, 0, 0.125f, 0, 0, 0};

    @Test
    void bestClassesComeFirstAndTheLowerOfEquals() {
        // When
        Prediction prediction = Prediction.of(PROBABILITIES, 4, FakeModels.card("v1"), TIMING);

        // Then
        assertThat(prediction.label()).isEqualTo("2");
        assertThat(prediction.probability()).isEqualTo(0.5);
        assertThat(prediction.top()).extracting(Prediction.Candidate::label).containsExactly("2", "4", "1", "6");
        assertThat(prediction.model()).isEqualTo("mnist");
        assertThat(prediction.version()).isEqualTo("v1");
        assertThat(prediction.timing()).isEqualTo(TIMING);
    }

    @Test
    void moreThanThereAreClassesIsAllOfThem() {
        // When
        Prediction prediction = Prediction.of(PROBABILITIES, Integer.MAX_VALUE, FakeModels.card("v1"), TIMING);

        // Then
        assertThat(prediction.top()).hasSize(10);
    }
}
