// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BodyPaceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final BodyPace pace = new BodyPace(Duration.ofSeconds(5), 1000);

    @Test
    void nothingMayComeForAWhile() {
        assertThat(pace.left(0, 0, 4 * SECOND)).isEqualTo(SECOND);
        assertThat(pace.left(1_000_000, 9 * SECOND, 14 * SECOND)).isZero();
        assertThat(pace.missed(10, 0, 5 * SECOND)).isEqualTo("nothing came for 5 s after 10 bytes of the body");
    }

    @Test
    void aByteNowAndThenIsNotEnough() {
        // Given a byte a second, the last one just now
        assertThat(pace.left(4, 4 * SECOND, 4 * SECOND)).isPositive();
        assertThat(pace.left(6, 6 * SECOND, 6 * SECOND)).isNegative();
        assertThat(pace.missed(6, 6 * SECOND, 6 * SECOND))
                .isEqualTo(
                        "6 bytes of the body came in 6 s; after the first 5 s at least 1000 bytes a second are expected");
    }

    @Test
    void whoeverKeepsTheRateMayTakeLong() {
        assertThat(pace.left(60_000, 60 * SECOND, 60 * SECOND)).isEqualTo(5 * SECOND);
    }

    @Test
    void noRateIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BodyPace(Duration.ofSeconds(1), 0))
                .withMessageContaining("millrace.http.min-body-rate is 0");
    }
}
