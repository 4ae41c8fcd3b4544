// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.stack.Part;
import io.millrace.local.watch.Event.Health;
import io.millrace.local.watch.Event.PartChanged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessesTest {
    private final List<Event> told = new ArrayList<>();
    private final Processes processes = new Processes(told::add);

    @Test
    void readinessIsToldOnceAndItsLossAsWell() {
        processes.started("trainer-service", 1);

        assertThat(processes.polled(Part.TRAINER, Condition.SILENT)).isFalse();
        assertThat(processes.polled(Part.TRAINER, Condition.READY)).isTrue();
        assertThat(processes.polled(Part.TRAINER, Condition.READY)).isFalse();
        assertThat(processes.polled(Part.TRAINER, Condition.notReady(""))).isFalse();

        assertThat(told)
                .extracting(event -> ((PartChanged) event).health())
                .containsExactly(Health.STARTING, Health.READY, Health.NOT_READY);
    }

    @Test
    void aReadyProcessThatFallsSilentIsToldAndSoIsItsReturn() {
        processes.polled(Part.TRAINER, Condition.READY);
        processes.polled(Part.TRAINER, Condition.SILENT);
        processes.polled(Part.TRAINER, Condition.READY);
        assertThat(told).as("once is no news").hasSize(1);

        processes.polled(Part.TRAINER, Condition.SILENT);
        processes.polled(Part.TRAINER, Condition.SILENT);
        processes.polled(Part.TRAINER, Condition.SILENT);
        assertThat(processes.ready(Part.TRAINER)).isFalse();
        assertThat(processes.polled(Part.TRAINER, Condition.READY)).isTrue();

        assertThat(told)
                .extracting(event -> ((PartChanged) event).health())
                .containsExactly(Health.READY, Health.NOT_READY, Health.READY);
        assertThat(((PartChanged) told.get(1)).detail())
                .contains("does not answer")
                .contains("log");
    }

    @Test
    void whatAProcessWaitsForIsSaid() {
        processes.polled(Part.INFERENCE, Condition.notReady(""));
        processes.polled(Part.BROKER, Condition.READY);
        processes.polled(Part.DATASET, Condition.notReady(""));

        assertThat(told)
                .extracting(event -> ((PartChanged) event).detail())
                .containsExactly("waiting for kafka", "", "preparing the data set");
    }

    @Test
    void whatItSaysItselfIsWorthMoreThanAGuess() {
        processes.polled(Part.TRAINER, Condition.notReady("Kafka refuses the user or the password"));
        processes.polled(Part.TRAINER, Condition.notReady("Kafka refuses the user or the password"));

        assertThat(told)
                .extracting(event -> ((PartChanged) event).detail())
                .containsExactly("Kafka refuses the user or the password");
    }

    @Test
    void whatItWaitsForIsSaidAgainWhenThatHasBecomeAnotherThing() {
        processes.polled(Part.INFERENCE, Condition.notReady(""));
        processes.polled(Part.INFERENCE, Condition.notReady(""));
        processes.polled(Part.BROKER, Condition.READY);
        processes.polled(Part.INFERENCE, Condition.notReady(""));
        processes.polled(Part.INFERENCE, Condition.notReady(""));

        assertThat(told)
                .extracting(event -> ((PartChanged) event).detail())
                .containsExactly("waiting for kafka", "", "waiting for a first model");
    }

    @Test
    void aCrashSaysWhatEndedTheProcessAndWhenItIsStartedAgain() {
        processes.crashed("kafka", 137, Duration.ofMillis(500), "Checkpoint announced.");
        processes.crashed("trainer-service", 1, Duration.ofSeconds(1), "threads is 0");

        assertThat(told)
                .containsExactly(
                        new PartChanged(Part.BROKER, Health.RESTARTING, "was ended by signal 9; restart in 0.5 s"),
                        new PartChanged(
                                Part.TRAINER,
                                Health.RESTARTING,
                                "ended with exit code 1; restart in 1.0 s; it said last: threads is 0"));
        assertThat(processes.failure()).isEmpty();
    }

    @Test
    void aProcessThatIsGivenUpIsTheFailureOfTheWholeStack() {
        processes.gaveUp("inference-service", "ended 5 times in a row");

        assertThat(processes.failure()).contains("inference-service ended 5 times in a row");
        assertThat(processes.failed()).contains(Part.INFERENCE);
    }
}
