// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void theDelayDoublesUpToItsBound() {
        Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(3), 9, Duration.ZERO);

        assertThat(backoff.delay(1)).hasMillis(500);
        assertThat(backoff.delay(2)).hasMillis(1_000);
        assertThat(backoff.delay(3)).hasMillis(2_000);
        assertThat(backoff.delay(4)).hasMillis(3_000);
        assertThat(backoff.delay(1_000)).hasMillis(3_000);
    }
}
