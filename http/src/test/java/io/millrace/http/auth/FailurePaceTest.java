// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailurePaceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final FailurePace pace = new FailurePace(Duration.ofSeconds(1), Duration.ofSeconds(3));

    @Test
    void answersToOneAddressAreSoFarApartAndWhoWouldWaitTooLongIsTurnedAway() {
        assertThat(pace.await("a", 0)).hasValue(SECOND);
        assertThat(pace.await("a", 0)).hasValue(2 * SECOND);
        assertThat(pace.await("a", 0)).hasValue(3 * SECOND);
        assertThat(pace.await("a", 0)).isEmpty();
        assertThat(pace.await("b", 0)).hasValue(SECOND);

        assertThat(pace.await("a", SECOND)).hasValue(3 * SECOND);
        assertThat(pace.await("a", 60 * SECOND)).hasValue(SECOND);
    }

    @Test
    void addressesWithoutNumberTakeNoMoreMemoryAndNobodyWaitsLonger() {
        for (int address = 0; address < 100_000; address++) {
            assertThat(pace.await("10.0." + address, 0).orElse(0)).isLessThanOrEqualTo(3 * SECOND);
        }
    }
}
