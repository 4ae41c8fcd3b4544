// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LiveScoreTest {
    @Test
    void boundsAreWilsons() {
        LiveScore score = new LiveScore(90, 100);

        assertThat(score.accuracy()).isEqualTo(0.9);
        assertThat(score.low()).isCloseTo(0.8256, within(1e-4));
        assertThat(score.high()).isCloseTo(0.9448, within(1e-4));
    }

    @Test
    void aFewAnswersSayLittle() {
        LiveScore score = new LiveScore(1, 1);

        assertThat(score.low()).isCloseTo(0.2065, within(1e-4));
        assertThat(score.high()).isCloseTo(1, within(1e-9));
    }

    @Test
    void ofNoneNothingIsKnown() {
        assertThat(LiveScore.NONE.accuracy()).isNaN();
        assertThat(LiveScore.NONE.low()).isNaN();
        assertThat(LiveScore.NONE.high()).isNaN();
    }
}
