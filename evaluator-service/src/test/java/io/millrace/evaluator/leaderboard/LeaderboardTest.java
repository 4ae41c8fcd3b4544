// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.leaderboard;

import static io.millrace.evaluator.Fixtures.DIGEST;
import static io.millrace.evaluator.Fixtures.MODEL;
import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.checkpoint;
import static io.millrace.evaluator.Fixtures.evaluation;
import static io.millrace.evaluator.Fixtures.evaluationOfAverage;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderboardTest {
    private final Leaderboard leaderboard = new Leaderboard();

    @Test
    void higherAccuracyThenLowerLossThenEarlierStepComesFirst() {
        EvaluationCompleted best = evaluation("run-1", 3, 0.9, 0.5);
        EvaluationCompleted lowerLoss = evaluation("run-1", 4, 0.8, 0.2);
        EvaluationCompleted earlier = evaluation("run-2", 1, 0.8, 0.3);
        EvaluationCompleted sameStepLaterId = evaluation("run-3", 2, 0.8, 0.3);
        EvaluationCompleted sameStepEarlierId = evaluation("run-1", 2, 0.8, 0.3);
        List.of(sameStepLaterId, lowerLoss, sameStepEarlierId, best, earlier).forEach(leaderboard::add);

        assertThat(leaderboard.bestFirst())
                .containsExactly(best, lowerLoss, earlier, sameStepEarlierId, sameStepLaterId);
        assertThat(leaderboard.latest(false)).contains(earlier);
    }

    @Test
    void anAverageIsOneMoreCheckpointAndBehindItsOwnWhereBothAreAsGood() {
        EvaluationCompleted raw = evaluation("run-1", 1, 0.9, 0.5);
        EvaluationCompleted average = evaluationOfAverage("run-1", 1, 0.9, 0.5);
        EvaluationCompleted better = evaluationOfAverage("run-1", 2, 0.9, 0.4);
        List.of(average, raw, better).forEach(leaderboard::add);

        assertThat(leaderboard.bestFirst()).containsExactly(better, raw, average);
        assertThat(leaderboard.find(average.checkpoint())).contains(average);
        assertThat(leaderboard.latest(false)).contains(raw);
        assertThat(leaderboard.latest(true)).contains(better);
    }

    @Test
    void addingOneTwiceChangesNothing() {
        leaderboard.add(evaluation("run-1", 1, 0.9, 0.5));
        leaderboard.add(evaluation("run-1", 1, 0.9, 0.5));

        assertThat(leaderboard.bestFirst()).hasSize(1);
    }

    @Test
    void aCheckpointWithOtherBytesCountsAsNotEvaluated() {
        leaderboard.add(evaluation("run-1", 1, 0.9, 0.5));
        CheckpointRef same = checkpoint("run-1", 1);
        CheckpointRef rewritten = new CheckpointRef(same.checkpointId(), same.runId(), same.uri(), "other", 100);

        assertThat(leaderboard.find(same)).isPresent();
        assertThat(leaderboard.find(rewritten)).isEmpty();

        // And once it is evaluated, it replaces what is gone.
        leaderboard.add(evaluation(rewritten, MODEL, DIGEST, 1, 0.7, 0.5, NOON));
        assertThat(leaderboard.bestFirst())
                .extracting(EvaluationCompleted::accuracy)
                .containsExactly(0.7);
    }

    @Test
    void theBestAccuracyIsThatOfOneModelOnOneDataSet() {
        leaderboard.add(evaluation("run-1", 1, 0.7, 0.5));
        leaderboard.add(evaluation("run-1", 2, 0.8, 0.5));
        EvaluationCompleted latest = evaluation("run-1", 3, 0.6, 0.5);
        leaderboard.add(latest);
        leaderboard.add(evaluation(checkpoint("run-2", 1), "other", DIGEST, 1, 0.9, 0.5, NOON));
        leaderboard.add(evaluation(checkpoint("run-3", 1), MODEL, "other data", 1, 0.95, 0.5, NOON));

        assertThat(leaderboard.bestAccuracy(latest)).hasValue(0.8);
    }

    @Test
    void nothingIsKnownAnyMoreWhenItsLogWasMadeAnew() {
        leaderboard.add(evaluation("run-1", 1, 0.9, 0.5));

        leaderboard.clear();

        assertThat(leaderboard.bestFirst()).isEmpty();
        assertThat(leaderboard.latest(false)).isEmpty();
    }
}
