// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
    @Test
    void theDelayDoublesUpToItsBound() {
        RestartPolicy policy = new RestartPolicy(Duration.ofMillis(500), Duration.ofSeconds(3), 9, Duration.ZERO);

        assertThat(policy.delay(1)).hasMillis(500);
        assertThat(policy.delay(2)).hasMillis(1_000);
        assertThat(policy.delay(3)).hasMillis(2_000);
        assertThat(policy.delay(4)).hasMillis(3_000);
        assertThat(policy.delay(1_000)).hasMillis(3_000);
    }
}
