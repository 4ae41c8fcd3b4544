// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import static io.millrace.evaluator.Fixtures.DIGEST;
import static io.millrace.evaluator.Fixtures.MODEL;
import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.checkpoint;
import static io.millrace.evaluator.Fixtures.evaluation;
import static io.millrace.evaluator.Fixtures.promotion;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.ModelPromoted.Cause;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromotionRuleTest {
    private static final Instant PROMOTED_AT = NOON.plusSeconds(10);
    private static final Optional<ModelPromoted> CURRENT =
            Optional.of(promotion(evaluation("run-1", 9, 0.9, 0.3), null, Cause.BEST, PROMOTED_AT));

    @Test
    void theFirstOneIsPromoted() {
        assertThat(PromotionRule.better(evaluation("run-1", 1, 0.01, 9), Optional.empty(), NOON))
                .isTrue();
    }

    @Test
    void higherAccuracyIsBetterAndLossDecidesBetweenEquals() {
        assertThat(better(evaluation("run-1", 12, 0.91, 0.9))).isTrue();
        assertThat(better(evaluation("run-1", 12, 0.89, 0.1))).isFalse();
        assertThat(better(evaluation("run-1", 12, 0.9, 0.2))).isTrue();
        assertThat(better(evaluation("run-1", 12, 0.9, 0.3))).isFalse();
        assertThat(better(evaluation("run-1", 12, 0.9, 0.4))).isFalse();
    }

    @Test
    void thePromotedOneIsNotPromotedAgainUnlessItsFileWasWrittenAnew() {
        CheckpointRef same = checkpoint("run-1", 9);
        CheckpointRef anew = new CheckpointRef(same.checkpointId(), same.runId(), same.uri(), "other", 100);

        assertThat(better(evaluation("run-1", 9, 0.9, 0.3))).isFalse();
        assertThat(better(evaluation(anew, MODEL, DIGEST, 9, 0.8, 0.5, NOON))).isTrue();
    }

    @Test
    void aNewerDataSetWinsAndAnOlderOneDoesNot() {
        EvaluationCompleted other =
                evaluation(checkpoint("run-2", 1), MODEL, "digest-2", 1, 0.5, 1, PROMOTED_AT.plusSeconds(9));

        assertThat(PromotionRule.better(other, CURRENT, PROMOTED_AT.plusSeconds(9)))
                .isTrue();
        assertThat(PromotionRule.better(other, CURRENT, PROMOTED_AT.minusSeconds(1)))
                .isFalse();
    }

    @Test
    void whoeverWasEvaluatedBeforeTheLatestDecisionHasHadItsChance() {
        assertThat(PromotionRule.outstanding(evaluation("run-1", 9, 0.99, 0.1), CURRENT))
                .isFalse();
        assertThat(PromotionRule.outstanding(evaluation("run-1", 11, 0.99, 0.1), CURRENT))
                .isTrue();
        assertThat(PromotionRule.outstanding(evaluation("run-1", 9, 0.99, 0.1), Optional.empty()))
                .isTrue();
    }

    private static boolean better(EvaluationCompleted candidate) {
        return PromotionRule.better(candidate, CURRENT, NOON);
    }
}
