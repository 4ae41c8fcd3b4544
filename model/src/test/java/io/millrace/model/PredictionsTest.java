// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PredictionsTest {
    private static final float[] ROWS = {
        (float) Math.log(0.2), (float) Math.log(0.7), (float) Math.log(0.1), // 1 is the most probable
        (float) Math.log(0.4), (float) Math.log(0.2), (float) Math.log(0.4) // 0 and 2 are equal
    };

    @Test
    void rowsAreReadOneByOne() {
        Predictions predictions = new Predictions(ROWS, 3);

        assertThat(predictions.size()).isEqualTo(2);
        assertThat(predictions.probabilities(0)).containsExactly(new float[] {0.2f, 0.7f, 0.1f}, within(1e-6f));
        assertThat(predictions.predicted(0)).isEqualTo(1);
        assertThat(predictions.predicted(1)).isZero();
        assertThat(predictions.loss(0, 2)).isCloseTo(-Math.log(0.1), within(1e-6));
    }

    @Test
    void logitsAreNotShiftedAndDoNotOverflow() {
        Predictions predictions = new Predictions(new float[] {3000, 2999, -3e38f}, 3);

        assertThat(predictions.logits(0)).containsExactly(3000, 2999, -3e38f);
        assertThat(predictions.loss(0, 1)).isCloseTo(1 + Math.log1p(Math.exp(-1)), within(1e-9));
        assertThat(predictions.probabilities(0)[2]).isZero();
    }

    @Test
    void whatIsNoRowOrNoClassIsRefused() {
        assertThatThrownBy(() -> new Predictions(ROWS, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Predictions(ROWS, 3).loss(0, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3");
    }
}
