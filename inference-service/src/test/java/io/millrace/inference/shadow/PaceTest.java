// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SLOW = Pace.SLOW.toNanos() + 1;

    private final Pace pace = new Pace();

    @Test
    void threeSlowCallsInARowAreTooMuch() {
        assertThat(pace.tooSlow("v2", SLOW)).isFalse();
        assertThat(pace.tooSlow("v2", SLOW)).isFalse();
        assertThat(pace.tooSlow("v2", SLOW)).isTrue();
    }

    @Test
    void aQuickCallOrAnotherVersionBeginsAnew() {
        pace.tooSlow("v2", SLOW);
        pace.tooSlow("v2", SLOW);
        assertThat(pace.tooSlow("v2", 1)).isFalse();
        pace.tooSlow("v2", SLOW);
        pace.tooSlow("v2", SLOW);
        assertThat(pace.tooSlow("v3", SLOW)).isFalse();
        assertThat(pace.tooSlow("v3", SLOW)).isFalse();
        assertThat(pace.tooSlow("v3", SLOW)).isTrue();
    }
}
