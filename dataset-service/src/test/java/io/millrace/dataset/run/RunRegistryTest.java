// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunRegistryTest {
    private static final Dataset DATA = new Dataset(
            "data", "digest", 100, 10, 1, 28, 28, List.of("a", "b"), new Normalization(List.of(1f), List.of(0f)));
    private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");

    private final RunSpec first = RunSpecs.of("first", DATA, 10, 2);
    private final RunSpec second = RunSpecs.of("second", DATA, 10, 1);
    private final RunSpec again =
            RunSpecs.ordered("first", NOON.plusSeconds(60), "{\"recipe\":{\"batchSize\":9}}", DATA);
    private final RunRegistry registry = new RunRegistry();

    private static RunStatus status(String runId, RunStatus.State state, Instant at) {
        return new RunStatus(
                runId, state, null, 1, 10, 1, 2, 20, 0, 1, 1, 0, 2.0, 0L, null, null, null, null, null, null, at);
    }

    private static RunStatus status(String runId, RunStatus.State state) {
        return status(runId, state, NOON.plusSeconds(30));
    }

    private void checkpoint(String incarnation, long step, int loss) {
        announce(CheckpointRef.id(incarnation, step), step, loss);
    }

    private void announce(String checkpointId, long step, int loss) {
        Position position = new Position(step, step, 1, step, 0, Map.of(), Position.NO_BATCHES, 1, 0, loss);
        registry.checkpoint(new CheckpointPublished(
                new CheckpointRef(checkpointId, "first", "uri", "00", 1),
                "model",
                "digest",
                position,
                new Compute(Precision.FP32, true, "cpu", 1, "processor", "engine"),
                false,
                null));
    }

    private RunView.State state(String runId) {
        return registry.view(runId).orElseThrow().state();
    }

    @Test
    void runsAreLiveInTheOrderOfPriorityThenTime() {
        RunSpec urgent =
                RunSpecs.ordered("urgent", NOON.plusSeconds(9), "{\"priority\":1,\"recipe\":{\"batchSize\":10}}", DATA);
        registry.run("second", second);
        registry.run("first", first);
        registry.run("urgent", urgent);

        assertThat(registry.live()).containsExactly(urgent, first, second);
    }

    @Test
    void aDeletedOrEndedRunIsNotLive() {
        registry.run("first", first);
        registry.run("second", second);
        long before = registry.deletions();
        registry.run("first", null);
        registry.status("second", status("second", RunStatus.State.FAILED));

        assertThat(registry.live()).isEmpty();
        assertThat(registry.deletions()).isGreaterThan(before);
        assertThat(registry.exists("first")).isFalse();
        assertThat(registry.known("first")).isTrue();
        assertThat(registry.exists("second")).isTrue();
    }

    @Test
    void aStoppedRunIsStoppedWhateverTheTrainerSaysAndGoesOnWhenItIsResumed() {
        registry.run("first", first);
        registry.status("first", status("first", RunStatus.State.RUNNING));
        registry.run("first", first.withStopped(true));
        assertThat(registry.live()).isEmpty();
        assertThat(state("first")).isEqualTo(RunView.State.STOPPED);

        registry.status("first", status("first", RunStatus.State.STOPPED));
        assertThat(state("first")).isEqualTo(RunView.State.STOPPED);

        registry.run("first", first.withStopped(false));
        assertThat(registry.live()).containsExactly(first.withStopped(false));
        assertThat(state("first")).isEqualTo(RunView.State.QUEUED);
        registry.status("first", status("first", RunStatus.State.FINISHED));
        registry.run("first", first.withStopped(true));
        assertThat(state("first")).as("it was quicker").isEqualTo(RunView.State.FINISHED);
    }

    @Test
    void aRunThatEndedBeforeThisProcessStartedWasPublishedAsFarAsItWasTrained() {
        registry.run("first", first);
        assertThat(registry.view("first").orElseThrow().publishedBatches()).isZero();

        registry.status("first", status("first", RunStatus.State.FINISHED));

        assertThat(registry.view("first").orElseThrow().publishedBatches()).isEqualTo(first.shards());
    }

    @Test
    void aRunThatWaitsForAWorkerIsNotRunningAndSaysWhyUntilItIsStopped() {
        registry.run("first", first);
        registry.status("first", status("first", RunStatus.State.RUNNING).waitingFor("waits for a worker: x"));
        assertThat(state("first")).isEqualTo(RunView.State.QUEUED);
        assertThat(registry.view("first").orElseThrow().reason()).isEqualTo("waits for a worker: x");

        registry.run("first", first.withStopped(true));
        assertThat(registry.view("first").orElseThrow().reason()).isNull();
    }

    @Test
    void aFinishedRunThatIsExtendedIsLiveAgainAndAFailedOneIsNot() {
        registry.run("first", first);
        registry.status("first", status("first", RunStatus.State.FINISHED));
        assertThat(registry.live()).isEmpty();

        registry.run("first", first.withExtension(1));
        assertThat(registry.live()).containsExactly(first.withExtension(1));
        assertThat(state("first")).isEqualTo(RunView.State.QUEUED);
        registry.status("first", status("first", RunStatus.State.FAILED));
        assertThat(registry.live()).isEmpty();
        assertThat(state("first")).isEqualTo(RunView.State.FAILED);
    }

    @Test
    void aRemovedRunIsGoneAndItsStatusSaysThatSomethingIsLeft() {
        registry.run("first", first);
        registry.status("first", status("first", RunStatus.State.FINISHED));
        long before = registry.deletions();
        registry.run("first", first.asRemoved());

        assertThat(registry.exists("first")).isFalse();
        assertThat(registry.known("first")).isTrue();
        assertThat(registry.spec("first")).isEmpty();
        assertThat(registry.isGone(first.incarnation())).isTrue();
        assertThat(registry.deletions()).isGreaterThan(before);
        assertThat(registry.leftovers()).extracting(RunSpec::runId).containsExactly("first");
        assertThat(registry.removed("first")).containsExactly(first.incarnation());

        registry.status("first", null);
        assertThat(registry.leftovers()).isEmpty();
        registry.run("first", again.withFormerly(registry.removed("first")));
        assertThat(registry.exists("first")).isTrue();
        assertThat(registry.removed("first")).containsExactly(first.incarnation());
        assertThat(registry.isGone(first.incarnation())).isTrue();
    }

    @Test
    void aRunThatIsOrderedAgainIsAnotherOneAndNothingOfTheFormerHoldsForIt() {
        registry.run("first", first);
        registry.status("first", status("first", RunStatus.State.FINISHED));
        registry.published(first, 5);
        registry.blocked(first, "no data");
        checkpoint(first.incarnation(), 3, 1);
        registry.run("first", null);
        registry.run("first", again);

        assertThat(registry.live()).containsExactly(again);
        assertThat(state("first")).isEqualTo(RunView.State.QUEUED);
        assertThat(registry.view("first").orElseThrow().publishedBatches()).isZero();
        assertThat(registry.checkpoints(again)).isEmpty();
        assertThat(registry.isGone(first.incarnation())).isTrue();
        assertThat(registry.isGone(again.incarnation())).isFalse();
        registry.status("first", status("first", RunStatus.State.RUNNING, NOON.plusSeconds(61)));
        assertThat(state("first")).isEqualTo(RunView.State.RUNNING);
    }

    @Test
    void aRunIsRetiredWhenSoManyHaveEndedAfterIt() {
        registry.run("first", first);
        registry.run("second", second);
        registry.status("first", status("first", RunStatus.State.FINISHED));
        assertThat(registry.isRetired(first, 1)).isFalse();
        registry.status("second", status("second", RunStatus.State.FAILED, NOON.plusSeconds(31)));

        assertThat(registry.isRetired(first, 2)).isFalse();
        assertThat(registry.isRetired(first, 1)).isTrue();
        assertThat(registry.isRetired(second, 1)).isFalse();
        registry.run("second", second.asRemoved());
        assertThat(registry.isRetired(first, 1)).isFalse();
    }

    @Test
    void aRunIsNeededUntilThoseThatStartFromItHaveACheckpointOfTheirOwnOrEndStoppedOrNot() {
        String body = "{\"recipe\":{\"batchSize\":10},\"weights\":\"%s\"}"
                .formatted(CheckpointRef.id(first.incarnation(), 3));
        RunSpec next = RunSpecs.ordered("next", NOON.plusSeconds(9), body, DATA);
        registry.run("first", first);
        registry.run("next", next);
        assertThat(registry.startingFrom(first)).contains("next");
        assertThat(registry.startingFrom(next)).isEmpty();

        registry.run("next", next.withStopped(true));
        registry.status("next", status("next", RunStatus.State.STOPPED));
        assertThat(registry.startingFrom(first)).as("it can be resumed").contains("next");
        registry.status("next", status("next", RunStatus.State.FAILED));
        assertThat(registry.startingFrom(first)).isEmpty();
        registry.status("next", null);
        checkpoint(next.incarnation(), 1, 1);
        assertThat(registry.startingFrom(first)).isEmpty();
        registry.checkpointsCleared();
        registry.run("next", next.asRemoved());
        assertThat(registry.startingFrom(first)).isEmpty();
    }

    @Test
    void whatElseCanBeStartedFromIsWhereTheKeptOnesAreListed() {
        registry.run("first", first);
        assertThat(registry.otherCheckpoint()).endsWith("; no run has any yet");

        checkpoint(first.incarnation(), 3, 1);
        assertThat(registry.otherCheckpoint()).endsWith(": one that ./millrace status lists");
    }

    @Test
    void onlyWhatWasDeletedIsGone() {
        registry.run("first", first);
        registry.run("newer", null);
        registry.unreadable("newer", "recipe.rounds is not known");

        assertThat(registry.isGone(first.incarnation())).isFalse();
        assertThat(registry.isGone("unknown-mabcdefg")).isFalse();
        assertThat(registry.isGone("newer-mabcdefg")).isFalse();
        registry.run("first", null);
        assertThat(registry.isGone(first.incarnation())).isTrue();
    }

    @Test
    void theTwoNewestCheckpointsOfTheIncarnationAreKnownAlsoAfterATrainerFellBack() {
        registry.run("first", first);
        checkpoint(first.incarnation(), 1, 1);
        checkpoint(first.incarnation(), 2, 1);
        checkpoint("first-other", 9, 1);
        checkpoint(first.incarnation(), 3, 1);
        assertThat(registry.checkpoints(first)).extracting(Position::step).containsExactly(2L, 3L);
        announce(CheckpointRef.averageId(first.incarnation(), 3), 3, 1);
        assertThat(registry.checkpoints(first))
                .as("an average is none of its own")
                .extracting(Position::step)
                .containsExactly(2L, 3L);

        checkpoint(first.incarnation(), 3, 2);
        assertThat(registry.checkpoints(first)).extracting(Position::loss).containsExactly(1.0, 2.0);
        checkpoint(first.incarnation(), 1, 2);
        assertThat(registry.checkpoints(first)).extracting(Position::step).containsExactly(1L);
    }

    @Test
    void whenATopicIsMadeAnewOnlyWhatItSaidIsForgotten() {
        registry.run("first", first);
        registry.status("first", status("first", RunStatus.State.FINISHED));
        checkpoint(first.incarnation(), 3, 1);

        registry.statusesCleared();
        assertThat(registry.live()).containsExactly(first);
        registry.checkpointsCleared();
        assertThat(registry.checkpoints(first)).isEmpty();
        registry.runsCleared();
        assertThat(registry.known("first")).isFalse();
        assertThat(registry.isGone(first.incarnation())).isFalse();
    }

    @Test
    void aRunThatThisVersionCannotReadIsSaidAndInNobodysWay() {
        registry.run("first", first);
        registry.unreadable("newer", "recipe.rounds is not known");
        registry.unreadable("first", "no JSON");

        assertThat(state("newer")).isEqualTo(RunView.State.BLOCKED);
        assertThat(registry.view("newer").orElseThrow().reason()).contains("recipe.rounds is not known");
        assertThat(registry.exists("newer")).isTrue();
        assertThat(registry.live()).containsExactly(first);
        assertThat(registry.trouble()).isEmpty();
        registry.run("newer", null);
        assertThat(registry.view("newer")).isEmpty();
    }

    @Test
    void theStateIsWhatTheTrainerSaysAndBeforeThatWhatIsPublished() {
        registry.run("first", first);
        assertThat(state("first")).isEqualTo(RunView.State.QUEUED);
        registry.published(first, 3);
        assertThat(state("first")).isEqualTo(RunView.State.PUBLISHING);
        assertThat(registry.blocked(first, "no data")).isTrue();
        assertThat(registry.blocked(first, "no data")).isFalse();
        assertThat(state("first")).isEqualTo(RunView.State.BLOCKED);
        assertThat(registry.trouble()).contains("no data");
        registry.blocked(first, null);
        registry.published(first, first.steps());
        assertThat(state("first")).isEqualTo(RunView.State.PUBLISHED);
        assertThat(registry.view("first").orElseThrow().publishedBatches()).isEqualTo(20);
        registry.status("first", status("first", RunStatus.State.RUNNING));
        assertThat(state("first")).isEqualTo(RunView.State.RUNNING);
        assertThat(registry.trouble()).isEmpty();
        registry.publishingProblem("not allowed");
        assertThat(registry.trouble()).contains("not allowed");
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
