// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import static io.millrace.local.watch.Samples.average;
import static io.millrace.local.watch.Samples.averaging;
import static io.millrace.local.watch.Samples.chosen;
import static io.millrace.local.watch.Samples.order;
import static io.millrace.local.watch.Samples.silent;
import static io.millrace.local.watch.Samples.snapshot;
import static io.millrace.local.watch.Samples.standing;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoalTest {
    private final Ticker clock = new Ticker();
    private final Goal goal = new Goal(clock);

    @Test
    void aRunIsDoneOnceItsFinalCheckpointIsScoredAndTheBestOneServed() {
        Standing early = standing("quick-1", 3, 0.97, true);
        Standing last = standing("quick-1", 5, 0.98, false);

        assertThat(goal.check(snapshot(order("running"), List.of(early), "quick-1-0-step-3")))
                .isEmpty();
        assertThat(goal.check(snapshot(order("finished"), List.of(early), "quick-1-0-step-3")))
                .isEmpty();
        assertThat(goal.check(snapshot(order("finished"), List.of(last, early), "quick-1-0-step-3")))
                .isEmpty();

        Standing promoted = standing("quick-1", 5, 0.98, true);
        assertThat(goal.check(snapshot(order("finished"), List.of(promoted, early), "quick-1-0-step-3")))
                .isEmpty();
        assertThat(goal.check(snapshot(order("finished"), List.of(promoted, early), "quick-1-0-step-5")))
                .hasValueSatisfying(outcome -> assertThat(outcome.succeeded()).isTrue());
    }

    @Test
    void aRunThatKeepsAnAverageIsDoneWhenThatIsScoredToo() throws IOException {
        Standing raw = standing("quick-1", 5, 0.98, true);
        Standing average = average("quick-1", 5, 0.99, true);
        Standing behind = standing("quick-1", 5, 0.98, false);

        assertThat(goal.check(snapshot(averaging("finished"), List.of(raw), "quick-1-0-step-5")))
                .isEmpty();
        assertThat(goal.check(snapshot(averaging("finished"), List.of(average), "quick-1-0-step-5-average")))
                .isEmpty();
        assertThat(goal.check(snapshot(averaging("finished"), List.of(average, behind), "quick-1-0-step-5-average")))
                .hasValueSatisfying(outcome -> assertThat(outcome.succeeded()).isTrue());
    }

    @Test
    void anAverageThatIsNeverScoredFailsInTheEnd() throws IOException {
        failsInTheEnd(
                snapshot(averaging("finished"), List.of(standing("quick-1", 5, 0.98, true)), "quick-1-0-step-5"),
                "the final checkpoint of run quick-1, or its average, was not evaluated");
    }

    @Test
    void aRunThatStopsEarlyIsDoneWithWhatTheValidationSplitChoseHoweverGoodOthersAreOnTheTestSplit() {
        Standing chosen = chosen("quick-1", 2, 0.97, true);
        Standing later = new Standing(
                "quick-1-0-step-3",
                "quick-1",
                3,
                1,
                false,
                0.98,
                0.04,
                false,
                null,
                false,
                "strokes",
                "d1",
                null,
                true,
                null,
                null);
        Snapshot state = snapshot(order("finished"), List.of(later, chosen), "quick-1-0-step-2");

        assertThat(goal.check(snapshot(order("finished"), List.of(later), "quick-1-0-step-2")))
                .isEmpty();
        assertThat(goal.check(state))
                .hasValueSatisfying(outcome -> assertThat(outcome.succeeded()).isTrue());
        assertThat(state.best("quick-1")).contains(chosen);
    }

    @Test
    void aRunIsNotDoneWhileWhatTheValidationSplitChoseIsAboutToBePromoted() {
        Standing before = keptBefore("quick-1", 3, 0.98);
        Standing chosen = chosen("quick-1", 5, 0.97, false);

        assertThat(goal.check(snapshot(order("finished"), List.of(before, chosen), "quick-1-0-step-3")))
                .isEmpty();
    }

    /** One that early stopping kept and that is promoted, before a better epoch came. */
    private static Standing keptBefore(String runId, long step, double accuracy) {
        Standing kept = chosen(runId, step, accuracy, true);
        return new Standing(
                kept.checkpointId(),
                runId,
                step,
                kept.epoch(),
                false,
                accuracy,
                kept.loss(),
                false,
                kept.validation(),
                true,
                kept.model(),
                kept.datasetDigest(),
                null,
                true,
                null,
                null);
    }

    @Test
    void whatTheValidationSplitOfAnEarlierRunChoseIsNotWhatThisOneComesTo() {
        Standing earlier = chosen("quick-0", 2, 0.97, true);
        Standing last = standing("quick-1", 5, 0.98, false);

        assertThat(goal.check(snapshot(order("finished"), List.of(last, earlier), "quick-0-0-step-2")))
                .isEmpty();
    }

    @Test
    void aRunThatWasExtendedIsNotDoneWithTheResultThatItHadBefore() {
        Standing before = new Standing(
                "quick-1-0-step-3",
                "quick-1",
                3,
                1,
                false,
                0.98,
                0.05,
                true,
                null,
                true,
                "strokes",
                "d1",
                null,
                true,
                null,
                null);

        assertThat(goal.check(snapshot(order("finished"), List.of(before), "quick-1-0-step-3")))
                .isEmpty();
    }

    @Test
    void anEarlierRunsModelThatIsBetterStaysServed() {
        Standing better = standing("quick-0", 9, 0.99, true);
        Standing last = standing("quick-1", 5, 0.98, false);

        assertThat(goal.check(snapshot(order("finished"), List.of(better, last), "quick-0-0-step-9")))
                .hasValueSatisfying(outcome -> assertThat(outcome.succeeded()).isTrue());
    }

    @Test
    void aModelPromotedByHandCountsOnceNothingChangesAnyMore() {
        Standing best = standing("quick-1", 5, 0.98, false);
        Standing chosen = standing("quick-1", 3, 0.97, true);
        Snapshot state = snapshot(order("finished"), List.of(best, chosen), "quick-1-0-step-3");

        assertThat(goal.check(state)).isEmpty();
        clock.pass(Goal.SETTLED.plusSeconds(1));

        assertThat(goal.check(state))
                .hasValueSatisfying(outcome -> assertThat(outcome.succeeded()).isTrue());
    }

    @Test
    void aPromotedCheckpointThatIsNeverLoadedFailsInTheEnd() {
        Standing earlier = standing("quick-0", 9, 0.90, false);
        Standing promoted = standing("quick-1", 5, 0.98, true);
        failsInTheEnd(
                snapshot(order("finished"), List.of(promoted, earlier), "quick-0-0-step-9"),
                "checkpoint quick-1-0-step-5 is promoted, but quick-0-0-step-9 is served; inference-service's log");
    }

    @Test
    void aModelThatNothingServesAnyMoreFailsInTheEnd() {
        Snapshot served = snapshot(order("finished"), List.of(standing("quick-1", 5, 0.98, true)), "quick-1-0-step-5");
        failsInTheEnd(silent(served), "inference-service serves nothing");
    }

    @Test
    void aRunOfWhichNothingIsPromotedFailsInTheEnd() {
        failsInTheEnd(
                snapshot(order("finished"), List.of(standing("quick-1", 5, 0.98, false)), "quick-1-0-step-5"),
                "no checkpoint is promoted as strokes; evaluator-service's log");
    }

    private void failsInTheEnd(Snapshot state, String reason) {
        assertThat(goal.check(state)).isEmpty();
        clock.pass(Goal.SETTLED.plusSeconds(1));
        assertThat(goal.check(state)).isEmpty();
        clock.pass(Goal.PATIENCE);
        assertThat(goal.check(state))
                .hasValueSatisfying(
                        outcome -> assertThat(outcome.failure().orElseThrow()).contains(reason));
    }

    @Test
    void aFailedRunFailsWithItsReason() {
        assertThat(goal.check(snapshot(order("failed"), List.of(), null)))
                .hasValueSatisfying(outcome -> assertThat(outcome.failure()).contains("loss is NaN"));
    }

    @Test
    void aFinalCheckpointThatIsNeverScoredFailsInTheEnd() {
        Snapshot state = snapshot(order("finished"), List.of(standing("quick-1", 3, 0.97, true)), "quick-1-0-step-3");

        assertThat(goal.check(state)).isEmpty();
        clock.pass(Goal.PATIENCE.minus(Duration.ofSeconds(1)));
        assertThat(goal.check(state)).isEmpty();
        clock.pass(Duration.ofSeconds(2));

        assertThat(goal.check(state))
                .hasValueSatisfying(outcome -> assertThat(outcome.failure().orElseThrow())
                        .contains("not evaluated")
                        .contains("quick-1"));
    }

    @Test
    void aRunOfWhichNothingMayBePromotedFailsAtOnceWithTheReason() {
        Standing refused = Samples.refused("quick-1", 5, "its accuracy of 0.1000 is not above 0.1300");

        assertThat(goal.check(snapshot(order("finished"), List.of(refused), null)))
                .hasValueSatisfying(
                        outcome -> assertThat(outcome.failure())
                                .contains(
                                        "no checkpoint of it was promoted as strokes: its accuracy of 0.1000 is not above 0.1300"));
    }

    /** What the validation split chose may be below the floor, and its average above. */
    @Test
    void aRunOfWhichSomethingIsAboutToBePromotedDoesNotFail() throws IOException {
        Standing refused = Samples.refused("quick-1", 5, "its accuracy of 0.1000 is not above 0.1300");
        Standing chosen = new Standing(
                refused.checkpointId(),
                refused.runId(),
                refused.step(),
                refused.epoch(),
                false,
                refused.accuracy(),
                refused.loss(),
                true,
                chosen("quick-1", 5, 0.1, false).validation(),
                false,
                refused.model(),
                refused.datasetDigest(),
                refused.objection(),
                true,
                null,
                null);
        Standing average = average("quick-1", 5, 0.2, false);

        assertThat(goal.check(snapshot(averaging("finished"), List.of(average, chosen), null)))
                .isEmpty();
    }

    /** What was promoted before stays. */
    @Test
    void aRunThatIsNotPromotedBecauseAnotherIsBetterIsDoneAfterAWhile() {
        Standing refused = Samples.refused("quick-1", 5, "quick-0-0-step-5 is better or as good");
        Snapshot state =
                snapshot(order("finished"), List.of(standing("quick-0", 5, 0.97, true), refused), "quick-0-0-step-5");

        goal.check(state);

        assertThat(goal.check(state)).contains(Outcome.success());
    }
}
