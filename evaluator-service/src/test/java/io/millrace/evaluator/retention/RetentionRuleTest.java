// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import static io.millrace.evaluator.Fixtures.evaluation;
import static io.millrace.evaluator.Fixtures.evaluationOfAverage;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.Fixtures;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionRuleTest {
    private final List<EvaluationCompleted> evaluations = List.of(
            evaluation("run-1", 1, 0.90, 0.1),
            evaluation("run-1", 2, 0.50, 0.1),
            evaluation("run-1", 3, 0.80, 0.1),
            evaluation("run-1", 4, 0.40, 0.1),
            evaluation("run-1", 5, 0.30, 0.1),
            evaluation("run-1", 6, 0.20, 0.1),
            evaluation("run-2", 1, 0.10, 0.1));

    @Test
    void theBestAndTheNewestOfEachRunStay() {
        assertThat(new RetentionRule(2, 2).superfluous(evaluations, checkpoint -> false, run -> false))
                .extracting(CheckpointRef::checkpointId)
                .containsExactly("run-1-step-2", "run-1-step-4");
    }

    @Test
    void theNewestStepsStayWithTheirAveragesAndAnAverageMayBeAmongTheBest() {
        // Given averages that are all better than their checkpoints, the best of them early
        List<EvaluationCompleted> both = new ArrayList<>();
        for (int step = 1; step <= 5; step++) {
            both.add(evaluation("run-1", step, 0.1 + step / 100.0, 0.1));
            both.add(evaluationOfAverage("run-1", step, 0.9 - step / 100.0, 0.1));
        }

        assertThat(new RetentionRule(1, 2).superfluous(both, checkpoint -> false, run -> false))
                .extracting(CheckpointRef::checkpointId)
                .containsExactly(
                        "run-1-step-1", "run-1-step-2", "run-1-step-2-average", "run-1-step-3", "run-1-step-3-average");
    }

    @Test
    void whatEarlyStoppingKeptLastStaysHoweverBadItIs() {
        List<EvaluationCompleted> stopping = List.of(
                evaluation("run-1", 1, 0.90, true),
                evaluation("run-1", 2, 0.30, true),
                evaluation("run-1", 3, 0.20, true),
                evaluation("run-1", 4, 0.80, false),
                evaluation("run-1", 5, 0.70, false));

        assertThat(new RetentionRule(1, 1).superfluous(stopping, checkpoint -> false, run -> false))
                .extracting(CheckpointRef::checkpointId)
                .containsExactly("run-1-step-2", "run-1-step-4");
    }

    @Test
    void aRunThatIsOrderedAgainUnderItsNameIsAnother() {
        List<EvaluationCompleted> both =
                List.of(ofRun("first", 1, 0.9), ofRun("first", 2, 0.8), ofRun("second", 1, 0.1));

        assertThat(new RetentionRule(1, 1).superfluous(both, checkpoint -> false, run -> false))
                .isEmpty();
    }

    private static EvaluationCompleted ofRun(String incarnation, long step, double accuracy) {
        CheckpointRef ref = Fixtures.checkpoint(incarnation, step);
        return evaluation(
                new CheckpointRef(ref.checkpointId(), "run-1", ref.uri(), ref.sha256(), ref.size()),
                Fixtures.MODEL,
                Fixtures.DIGEST,
                step,
                accuracy,
                0.1,
                Fixtures.NOON);
    }

    @Test
    void whatIsNeededStaysHoweverBadItIs() {
        assertThat(new RetentionRule(1, 1)
                        .superfluous(
                                evaluations,
                                checkpoint -> checkpoint.checkpointId().equals("run-1-step-4"),
                                run -> false))
                .extracting(CheckpointRef::checkpointId)
                .containsExactly("run-1-step-2", "run-1-step-3", "run-1-step-5");
    }

    @Test
    void theFileOfOneThatIsKeptStaysUnderWhateverIdItWasEvaluatedToo() {
        // Given a bad evaluation of the file of the best
        CheckpointRef best = evaluations.get(0).checkpoint();
        CheckpointRef other = new CheckpointRef("other", "run-1", best.uri(), best.sha256(), best.size());
        EvaluationCompleted alias = evaluation(other, Fixtures.MODEL, Fixtures.DIGEST, 2, 0.50, 0.1, Fixtures.NOON);

        // Then
        assertThat(new RetentionRule(1, 1)
                        .superfluous(
                                List.of(evaluations.get(0), alias, evaluations.get(5)),
                                checkpoint -> false,
                                run -> false))
                .isEmpty();
    }

    @Test
    void aRunThatEndedLongAgoKeepsItsBestOrWhatEarlyStoppingKept() {
        assertThat(new RetentionRule(3, 2).superfluous(evaluations, checkpoint -> false, "run-1"::equals))
                .extracting(CheckpointRef::checkpointId)
                .containsExactly("run-1-step-2", "run-1-step-3", "run-1-step-4", "run-1-step-5", "run-1-step-6");

        List<EvaluationCompleted> stopping = List.of(
                evaluation("run-1", 1, 0.90, true),
                evaluation("run-1", 2, 0.30, true),
                evaluation("run-1", 3, 0.80, false));
        assertThat(new RetentionRule(3, 2).superfluous(stopping, checkpoint -> false, run -> true))
                .extracting(CheckpointRef::checkpointId)
                .containsExactly("run-1-step-1", "run-1-step-3");
    }

    @Test
    void aShortRunKeepsAll() {
        assertThat(new RetentionRule(3, 2).superfluous(evaluations.subList(0, 3), checkpoint -> false, run -> false))
                .isEmpty();
    }
}
