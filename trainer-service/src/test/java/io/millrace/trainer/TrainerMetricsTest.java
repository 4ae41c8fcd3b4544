// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.trainer.training.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TrainerMetrics metrics = new TrainerMetrics(registry);

    @ParameterizedTest
    @ValueSource(
            strings = {TrainerMetrics.LOSS, TrainerMetrics.ACCURACY, TrainerMetrics.LEARNING_RATE, TrainerMetrics.STEP})
    void showsNothingWhereNothingWasTrained(String gauge) {
        assertThat(registry.get(gauge).gauge().value()).isNaN();
    }

    @Test
    void countsHowRunsEnd() {
        metrics.ended(Outcome.DIVERGED);

        assertThat(runs("diverged")).isEqualTo(1);
        assertThat(runs("finished")).isZero();
    }

    private double runs(String outcome) {
        return registry.get(TrainerMetrics.RUNS)
                .tag(TrainerMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }
}
