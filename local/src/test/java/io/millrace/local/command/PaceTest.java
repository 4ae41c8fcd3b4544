// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.watch.Samples;
import io.millrace.local.watch.Snapshot;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static Snapshot training(String order) {
        return new Snapshot(
                Optional.of(Samples.order(order)),
                Optional.of(Samples.training(3, "running")),
                List.of(),
                Optional.empty(),
                false);
    }

    @Test
    void theTrainingIsNotDisturbedMuch() {
        Pace pace = Pace.of(training("running"), false);

        assertThat(pace).isEqualTo(Pace.STEADY);
        assertThat(pace.asksAll(5)).isTrue();
        assertThat(pace.asksAll(6)).isFalse();
    }

    @Test
    void beforeAndAfterItNothingIsMissed() {
        assertThat(Pace.of(Samples.snapshot(null, List.of(), null), false)).isEqualTo(Pace.EAGER);
        assertThat(Pace.of(training("finished"), false)).isEqualTo(Pace.EAGER);
    }

    @Test
    void whatOnlyServesIsAskedSeldom() {
        Pace pace = Pace.of(training("finished"), true);

        assertThat(pace).isEqualTo(Pace.CALM);
        assertThat(pace.asksAll(7)).isTrue();
        assertThat(pace.pause()).isGreaterThanOrEqualTo(Pace.STEADY.pause());
    }
}
