// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PredictionTest {
    @Test
    void softmaxAndCrossEntropyAreThoseOfTheTextbook() throws Exception {
        // Given logits ln 1, ln 2, ln 5: probabilities 1/8, 2/8, 5/8
        float[] logits = {0f, (float) Math.log(2), (float) Math.log(5)};

        // When
        Prediction prediction = Prediction.of(1, logits);

        // Then
        assertThat(prediction.predicted()).isEqualTo(2);
        assertThat(prediction.correct()).isFalse();
        assertThat(prediction.confidence()).isCloseTo(0.625, within(1e-6));
        assertThat(prediction.loss()).isCloseTo(Math.log(4), within(1e-6));
    }

    @Test
    void hugeLogitsDoNotOverflow() throws Exception {
        Prediction prediction = Prediction.of(0, new float[] {-3e38f, 3e38f});

        assertThat(prediction.confidence()).isEqualTo(1);
        assertThat(prediction.loss()).isCloseTo(6e38, within(1e32));
    }

    @Test
    void theFirstOfEqualsIsPredicted() throws Exception {
        Prediction prediction = Prediction.of(1, new float[] {2, 2});

        assertThat(prediction.predicted()).isZero();
        assertThat(prediction.confidence()).isEqualTo(0.5);
        assertThat(prediction.loss()).isCloseTo(Math.log(2), within(1e-12));
    }

    @Test
    void aNetworkThatAnswersWithNoNumberIsRefused() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> Prediction.of(0, new float[] {0, bad}))
                    .isInstanceOf(UnusableNetworkException.class)
                    .hasMessage("the network answers with the logit " + bad);
        }
    }
}
