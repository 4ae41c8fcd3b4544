// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import static io.millrace.evaluator.Fixtures.MODEL;
import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.evaluation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.Feedback;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.Floor;
import io.millrace.evaluator.promote.Promoter;
import io.millrace.evaluator.promote.PromotionLog;
import io.millrace.evaluator.promote.PromotionRule;
import io.millrace.evaluator.promote.Promotions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveRollbackTest {
    private static final int ANSWERS = 100;

    private final Leaderboard leaderboard = new Leaderboard();
    private final Promotions promotions = new Promotions();
    private final PromotionLog log = new PromotionLog() {
        @Override
        public void catchUp() {
            // nobody else writes
        }

        @Override
        public void append(ModelPromoted promotion) {
            promotions.apply(promotion);
        }

        @Override
        public void remove(String model) {
            promotions.remove(model);
        }
    };
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LiveRollback live = new LiveRollback(
            null,
            null,
            new Promoter(
                    new PromotionRule(Floor.of("auto")), leaderboard, promotions, log, checkpoint -> {}, () -> NOON),
            new EvaluatorMetrics(meters, leaderboard),
            null);
    private int said;

    @AfterEach
    void close() {
        live.close();
    }

    @Test
    void onlyWhatOperatorsSayCountsAndNothingBeforeAllOfItIsKnown() {
        // Given a version that is promoted, and one that was before
        EvaluationCompleted before = evaluation("run-1", 1, 0.7, 0.3);
        EvaluationCompleted promoted = evaluation("run-1", 2, 0.8, 0.3);
        leaderboard.add(before);
        leaderboard.add(promoted);
        promotions.apply(Fixtures.promotion(promoted, before.checkpoint(), ModelPromoted.Cause.BEST, NOON));

        // When the latter was right, and others say that the former was not
        say("run-1-step-1", ANSWERS, true, true);
        say("run-1-step-2", ANSWERS, false, false);
        live.replayed();
        say("run-1-step-2", ANSWERS, false, false);

        // Then
        assertThat(rollbacks()).isZero();
        assertThat(current()).isEqualTo("run-1-step-2");

        // When operators say so
        say("run-1-step-2", ANSWERS, false, true);

        // Then
        await().untilAsserted(() -> assertThat(current()).isEqualTo("run-1-step-1"));
        await().untilAsserted(() -> assertThat(rollbacks()).isOne());
        say("run-1-step-1", ANSWERS, false, true);
        assertThat(promotions.isPinned(MODEL)).isTrue();
    }

    private void say(String version, int answers, boolean right, boolean byOperator) {
        for (int k = 0; k < answers; k++) {
            said++;
            live.event(
                    MODEL,
                    new Feedback("answer-" + said, MODEL, version, "7", right ? "7" : "1", NOON, NOON, byOperator),
                    said);
        }
    }

    private String current() {
        return promotions.current(MODEL).orElseThrow().checkpoint().checkpointId();
    }

    private double rollbacks() {
        return meters.get(EvaluatorMetrics.ROLLBACKS).counter().count();
    }
}
