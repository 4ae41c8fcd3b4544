// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import static io.millrace.evaluator.Fixtures.run;
import static io.millrace.evaluator.Fixtures.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.event.Start;
import io.millrace.evaluator.Fixtures;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownRunsTest {
    private final KnownRuns runs = new KnownRuns();

    private RunSpec ended(String runId, State state, long seconds) {
        RunSpec run = run(runId, 0);
        runs.run(runId, run);
        runs.status(runId, status(run, state, seconds));
        return run;
    }

    @Test
    void theRunsThatEndedLastAreNoOldOnes() {
        RunSpec first = ended("first", State.FINISHED, 10);
        RunSpec second = ended("second", State.FAILED, 20);
        ended("third", State.FINISHED, 30);

        assertThat(runs.endedBefore(3)).isEmpty();
        assertThat(runs.endedBefore(1)).containsExactlyInAnyOrder(first.incarnation(), second.incarnation());
        assertThat(runs.hasEnded(first.incarnation())).isTrue();
    }

    @Test
    void whatGoesOnOrMayGoOnHasNotEnded() {
        ended("runs", State.RUNNING, 10);
        ended("stopped", State.STOPPED, 10);
        RunSpec extended = ended("extended", State.FINISHED, 10);
        runs.run("extended", extended.withExtension(1));
        RunSpec again = ended("again", State.FINISHED, 10);
        runs.run("again", run("again", 20));

        assertThat(runs.endedBefore(0)).isEmpty();
        assertThat(runs.hasEnded(again.incarnation())).isFalse();
    }

    @Test
    void whatWasTheResultBeforeMoreEpochsWereAskedForIsNoneAnyMore() {
        RunSpec run = ended("run", State.FINISHED, 10);
        EvaluationCompleted last =
                Fixtures.evaluation(run.incarnation(), run.steps(), 0.9, 0.1).asFinal();
        assertThat(runs.isResult(last)).isTrue();
        assertThat(runs.isResult(Fixtures.evaluation(run.incarnation(), run.steps(), 0.9, 0.1)))
                .isFalse();

        // When
        RunSpec extended = run.withExtension(1);
        runs.run("run", extended);

        // Then, while it goes on and when it has ended
        assertThat(runs.isResult(last)).isFalse();
        runs.status("run", status(extended, State.FINISHED, 30));
        assertThat(runs.isResult(last)).isFalse();
        assertThat(runs.isResult(Fixtures.evaluation(run.incarnation(), extended.steps(), 0.8, 0.1)
                        .asFinal()))
                .isTrue();

        // And what early stopping kept, and what is of a run that nothing is known of
        assertThat(runs.isResult(
                        Fixtures.evaluation(run.incarnation(), 3, 0.9, true).asFinal()))
                .isTrue();
        assertThat(runs.isResult(Fixtures.evaluation("lost", 3, 0.9, 0.1).asFinal()))
                .isTrue();
    }

    @Test
    void ofWhatTheTopicsDoNotTellNothingIsKnown() {
        ended("lost", State.FINISHED, 10);
        runs.run("lost", null);
        assertThat(runs.endedBefore(0)).isEmpty();

        ended("lost", State.FINISHED, 10);
        runs.runsCleared();
        assertThat(runs.endedBefore(0)).isEmpty();
    }

    @Test
    void theWordThatARunIsRemovedHoldsForEveryOneOfItsIdThatItNames() {
        RunSpec first = run("run", 0);
        RunSpec second = run("run", 20);
        runs.run("run", first.asRemoved());
        assertThat(runs.isRemoved(first.incarnation())).isTrue();

        // When it is ordered again, also for whoever hears of that alone
        KnownRuns later = new KnownRuns();
        later.run("run", second.withFormerly(List.of(first.incarnation())));

        // Then
        assertThat(later.isRemoved(first.incarnation())).isTrue();
        assertThat(later.isRemoved(second.incarnation())).isFalse();

        // And neither a lost topic nor a tombstone is such a word, or takes it back
        later.run("run", null);
        later.runsCleared();
        assertThat(later.isRemoved(first.incarnation())).isTrue();
        assertThat(later.isRemoved(second.incarnation())).isFalse();
    }

    @Test
    void whatALiveRunStartsFromIsItsStart() {
        CheckpointRef start = Fixtures.checkpoint("old-abc", 5);
        RunSpec plain = run("new", 0);
        RunSpec run = new RunSpec(
                "new",
                plain.createdAt(),
                plain.model(),
                plain.dataset(),
                plain.network(),
                plain.recipe(),
                1,
                1,
                10,
                plain.encoding(),
                0,
                new Start(start.checkpointId(), null));
        runs.run("new", run);
        assertThat(runs.isStart(start)).isTrue();
        assertThat(runs.isStart(Fixtures.checkpoint("old-abc", 6))).isFalse();

        runs.status("new", status(run, State.FINISHED, 10));
        assertThat(runs.isStart(start)).isFalse();
    }
}
