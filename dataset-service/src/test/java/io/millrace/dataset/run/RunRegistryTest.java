// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunRegistryTest {
    private static final Dataset DATA = new Dataset(
            "data", "digest", 100, 10, 1, 28, 28, List.of("a"), new Normalization(List.of(1f), List.of(0f)));

    private final RunSpec first = RunSpecs.of("first", DATA, 10, 2);
    private final RunSpec second = RunSpecs.of("second", DATA, 10, 1);
    private final RunRegistry registry = new RunRegistry();

    private static RunStatus status(String runId, RunStatus.State state) {
        return new RunStatus(runId, state, null, 1, 9, 1, 9, 20, 0, 1, 1, 0, 2.0, Precision.FP32, Instant.EPOCH);
    }

    private RunView.State state(String runId) {
        return registry.view(runId).orElseThrow().state();
    }

    @Test
    void runsArePublishedInTheOrderOfTheTopic() {
        registry.run("first", first, 0);
        registry.run("second", second, 1);

        assertThat(registry.next()).contains(first);
        registry.published("first", first.steps());
        assertThat(registry.next()).contains(second);
        registry.published("second", second.steps());
        assertThat(registry.next()).isEmpty();
    }

    @Test
    void aRecordThatComesASecondTimeChangesNothing() {
        registry.run("first", first, 0);
        registry.run("first", null, 1);
        registry.run("second", second, 2);
        registry.status("second", status("second", RunStatus.State.RUNNING), 0);
        registry.status("second", status("second", RunStatus.State.FINISHED), 1);

        registry.run("first", first, 0);
        registry.status("second", status("second", RunStatus.State.RUNNING), 0);

        assertThat(registry.view("first")).isEmpty();
        assertThat(registry.known("first")).isTrue();
        assertThat(state("second")).isEqualTo(RunView.State.FINISHED);
    }

    @Test
    void whenTheTopicsAreShorterThanTheyWereAllIsReadAgain() {
        registry.run("first", first, 0);
        registry.run("first", null, 1);
        registry.run("second", second, 2);
        registry.status("second", status("second", RunStatus.State.FINISHED), 0);
        registry.published("second", second.steps());
        assertThat(registry.ends(3, 1)).isFalse();

        assertThat(registry.ends(1, 0)).isTrue();
        registry.run("first", first, 0);
        registry.replayed(Map.of());

        assertThat(registry.all()).containsExactly(first);
        assertThat(registry.next()).contains(first);
        assertThat(registry.known("second")).isFalse();
        assertThat(registry.ends(1, 0)).isFalse();
    }

    @Test
    void aDeletedOrEndedRunIsNotPublished() {
        registry.run("first", first, 0);
        registry.run("second", second, 1);
        registry.run("first", null, 2);
        registry.status("second", status("second", RunStatus.State.FAILED), 0);

        assertThat(registry.next()).isEmpty();
        assertThat(registry.live("first")).isFalse();
        assertThat(registry.live("second")).isFalse();
        assertThat(registry.all()).containsExactly(first, second);
    }

    @Test
    void theStateIsWhatTheTrainerSaysAndBeforeThatWhatIsPublished() {
        registry.run("first", first, 0);
        assertThat(state("first")).isEqualTo(RunView.State.QUEUED);
        registry.published("first", 3);
        assertThat(state("first")).isEqualTo(RunView.State.PUBLISHING);
        registry.blocked("first", "no data");
        assertThat(state("first")).isEqualTo(RunView.State.BLOCKED);
        assertThat(registry.trouble()).contains("no data");
        registry.blocked("first", null);
        registry.replayed(Map.of("first", first.steps()));
        assertThat(state("first")).isEqualTo(RunView.State.PUBLISHED);
        assertThat(registry.view("first").orElseThrow().publishedBatches()).isEqualTo(20);
        registry.status("first", status("first", RunStatus.State.RUNNING), 0);
        assertThat(state("first")).isEqualTo(RunView.State.RUNNING);
        assertThat(registry.trouble()).isEmpty();
    }

    @Test
    void aRunThatCouldNotBeStartedIsShownAsFailed() {
        registry.startupFailed("configured", "no files");

        RunView view = registry.view("configured").orElseThrow();
        assertThat(view.state()).isEqualTo(RunView.State.FAILED);
        assertThat(view.reason()).isEqualTo("no files");
        assertThat(registry.trouble()).contains("no files");
        assertThat(registry.known("configured")).isFalse();
    }
}
