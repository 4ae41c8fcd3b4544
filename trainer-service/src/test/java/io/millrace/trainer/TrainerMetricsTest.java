// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.RunSpec;
import io.millrace.trainer.training.Outcome;
import io.millrace.trainer.training.Progress;
import io.millrace.trainer.training.TrainingTime;
import java.util.List;
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
    void showsNothingOfARunThatWasLeftBeforeItsEnd() {
        RunSpec run = Fixtures.run("run", 1, 4, 1);
        metrics.progressed(new Progress(
                run, null, null, 3, 12, 0, new TrainingTime(0, 0, 1, 0, 3, 12), 0.5, 0.9, 0.01, null, null));
        assertThat(registry.get(TrainerMetrics.STEP).gauge().value()).isEqualTo(3);

        metrics.left();

        for (String gauge : List.of(TrainerMetrics.STEP, TrainerMetrics.LOSS, TrainerMetrics.EPOCH)) {
            assertThat(registry.get(gauge).gauge().value()).as(gauge).isNaN();
        }
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
