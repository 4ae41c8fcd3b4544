// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import static io.millrace.evaluator.Fixtures.DIGEST;
import static io.millrace.evaluator.Fixtures.MODEL;
import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.checkpoint;
import static io.millrace.evaluator.Fixtures.evaluation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.ModelPromoted.Cause;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.PromotionRefusedException.Reason;
import io.millrace.kafka.feedback.LiveScore;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PromoterTest {
    private final Leaderboard leaderboard = new Leaderboard();
    private final Promotions promotions = new Promotions();
    private final List<ModelPromoted> written = new ArrayList<>();
    private final Set<String> damaged = new HashSet<>();
    private boolean brokerFails;
    private Instant now = NOON;

    private boolean storeFails;

    private final PromotionLog log = new PromotionLog() {
        @Override
        public void catchUp() {
            // nobody else writes
        }

        @Override
        public void append(ModelPromoted promotion) {
            if (brokerFails) {
                throw new KafkaException("away");
            }
            written.add(promotion);
            promotions.apply(promotion);
        }

        @Override
        public void remove(String model) {
            promotions.remove(model);
        }
    };
    private final Promoter promoter = new Promoter(
            new PromotionRule(Floor.of("auto")),
            leaderboard,
            promotions,
            log,
            checkpoint -> {
                if (storeFails) {
                    throw new IOException("Stale file handle");
                }
                if (damaged.contains(checkpoint.checkpointId())) {
                    throw new CorruptCheckpointException(checkpoint.uri(), "a file", "none");
                }
            },
            () -> now);

    private final EvaluationCompleted a = evaluation("run-1", 1, 0.7, 0.3);
    private final EvaluationCompleted b = evaluation("run-1", 2, 0.8, 0.3);
    private final EvaluationCompleted c = evaluation("run-1", 3, 0.9, 0.3);

    @Test
    void eachBetterOneIsPromotedAndNamesItsPredecessor() {
        assertThat(evaluated(b)).isTrue();
        assertThat(evaluated(a)).isFalse();
        assertThat(evaluated(c)).isTrue();

        assertThat(written).extracting(ModelPromoted::checkpoint).containsExactly(b.checkpoint(), c.checkpoint());
        assertThat(written).extracting(ModelPromoted::previous).containsExactly(null, b.checkpoint());
        assertThat(written).extracting(ModelPromoted::cause).containsOnly(Cause.BEST);
        assertThat(written.get(1).evaluation()).isEqualTo(c);
    }

    @Test
    void aClockThatGoesBackMakesNoPromotionOlderThanAnother() throws Exception {
        // Given
        evaluated(b);
        evaluated(c);
        Instant before = written.get(1).promotedAt();

        // When
        now = NOON;
        ModelPromoted promoted = promoter.promote(MODEL, b.checkpoint().checkpointId());

        // Then
        assertThat(promoted.promotedAt()).isEqualTo(before.plusMillis(1));
    }

    /** It would be passed over for good. */
    @Test
    void aStoreThatCannotBeReadDecidesNothing() {
        storeFails = true;
        assertThatThrownBy(() -> evaluated(b))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("the checkpoint store cannot be read: java.io.IOException: Stale file handle");
        assertThatThrownBy(() -> promoter.promote(MODEL, b.checkpoint().checkpointId()))
                .isInstanceOf(UncheckedIOException.class);

        storeFails = false;
        assertThat(promoter.consider(b, false)).isTrue();
    }

    @Test
    void aCheckpointWhoseFileChangedAfterItsEvaluationIsNotPromoted() {
        damaged.add(a.checkpoint().checkpointId());

        assertThat(evaluated(a)).isFalse();
        assertThat(written).isEmpty();
    }

    @Test
    void aPromotionThatACrashLeftOutIsMadeWhenTheCheckpointComesAgain() {
        // Given
        evaluated(a);
        brokerFails = true;
        assertThatThrownBy(() -> evaluated(b)).isInstanceOf(KafkaException.class);
        brokerFails = false;

        // When
        boolean promoted = promoter.consider(b, false);

        // Then
        assertThat(promoted).isTrue();
        assertThat(promoter.consider(b, false)).isFalse();
        assertThat(written).extracting(ModelPromoted::checkpoint).containsExactly(a.checkpoint(), b.checkpoint());
    }

    @Test
    void aRollbackIsUndoneNeitherByARedeliveryNorByABetterOne() throws Exception {
        // Given
        evaluated(a);
        evaluated(c);

        // When
        now = NOON.plusSeconds(100);
        ModelPromoted back = promoter.rollback(MODEL);

        // Then
        assertThat(back.checkpoint()).isEqualTo(a.checkpoint());
        assertThat(back.previous()).isEqualTo(c.checkpoint());
        assertThat(back.cause()).isEqualTo(Cause.ROLLBACK);
        assertThat(back.evaluation()).isEqualTo(a);
        assertThat(promoter.consider(c, false)).isFalse();

        assertThat(back.pinned()).isTrue();
        EvaluationCompleted better = evaluation("run-1", 200, 0.95, 0.3);
        assertThat(evaluated(better)).isFalse();
        assertThat(promoter.objection(better).orElseThrow())
                .isEqualTo(new Objection("run-1-step-1 is pinned; POST /models/mnist/unpin ends that", true));
    }

    @Test
    void whatIsUnpinnedMakesWayForTheBestThatCameSince() throws Exception {
        evaluated(a);
        evaluated(b);
        now = NOON.plusSeconds(100);
        promoter.rollback(MODEL);
        EvaluationCompleted good = evaluation("run-1", 200, 0.85, 0.3);
        EvaluationCompleted best = evaluation("run-1", 201, 0.95, 0.3);
        evaluated(good);
        evaluated(best);

        ModelPromoted promoted = promoter.unpin(MODEL);

        assertThat(promoted.checkpoint()).isEqualTo(best.checkpoint());
        assertThat(promoted.cause()).isEqualTo(Cause.BEST);
        assertThat(promoted.pinned()).isFalse();
        assertThat(promoter.unpin(MODEL)).isEqualTo(promoted);
    }

    /** However good the one before was on the test split. */
    @Test
    void whatIsUnpinnedMakesWayForWhatEarlyStoppingKept() throws Exception {
        evaluated(a);
        promoter.promote(MODEL, a.checkpoint().checkpointId());
        evaluated(evaluation("run-2", 200, 0.95, true));
        EvaluationCompleted kept = evaluation("run-2", 201, 0.9, true);
        evaluated(kept);
        evaluated(evaluation("run-2", 202, 0.99, false));

        ModelPromoted promoted = promoter.unpin(MODEL);

        assertThat(promoted.checkpoint()).isEqualTo(kept.checkpoint());
        assertThat(promoted.previous()).isEqualTo(a.checkpoint());
        assertThat(promotions.current(MODEL)).contains(promoted);
    }

    @Test
    void whatIsUnpinnedMakesWayForNothingWhoseFileIsGone() throws Exception {
        evaluated(a);
        promoter.promote(MODEL, a.checkpoint().checkpointId());
        EvaluationCompleted good = evaluation("run-1", 200, 0.85, 0.3);
        evaluated(good);
        evaluated(evaluation("run-1", 201, 0.95, 0.3));
        damaged.add("run-1-step-201");

        assertThat(promoter.unpin(MODEL).checkpoint()).isEqualTo(good.checkpoint());
    }

    @Test
    void whatIsUnpinnedStaysWhereNothingBetterCameSince() throws Exception {
        evaluated(a);
        evaluated(c);
        now = NOON.plusSeconds(100);
        ModelPromoted back = promoter.rollback(MODEL);

        ModelPromoted promoted = promoter.unpin(MODEL);

        assertThat(promoted.checkpoint()).isEqualTo(a.checkpoint());
        assertThat(promoted.previous()).isEqualTo(c.checkpoint());
        assertThat(promoted.promotedAt()).isEqualTo(back.promotedAt());
        assertThat(promoter.objection(c))
                .contains(new Objection(
                        "it was there already when run-1-step-1 was chosen; POST /models/mnist/promote promotes it all the"
                                + " same",
                        true));
        assertThat(evaluated(evaluation("run-1", 200, 0.75, 0.3))).isTrue();
    }

    @Test
    void aModelThatIsDeletedIsFreeForOtherClasses() throws Exception {
        evaluated(a);
        refused(() -> promoter.delete("other"), Reason.UNKNOWN, "nothing is promoted");

        promoter.delete(MODEL);

        assertThat(promotions.all()).isEmpty();
        refused(() -> promoter.unpin(MODEL), Reason.UNKNOWN, "nothing is promoted");
        assertThat(evaluated(PromotionRuleTest.answering(evaluation("run-2", 5, 0.9, 0.3), "cat", "dog")))
                .isTrue();
    }

    @Test
    void aSecondRollbackTakesBackTheFirst() throws Exception {
        evaluated(a);
        evaluated(b);
        promoter.rollback(MODEL);

        assertThat(promoter.rollback(MODEL).checkpoint()).isEqualTo(b.checkpoint());
    }

    @Test
    void aWorseCheckpointCanBePromotedByHand() throws Exception {
        evaluated(b);
        evaluated(a);

        ModelPromoted promotion = promoter.promote(MODEL, a.checkpoint().checkpointId());

        assertThat(promotion.cause()).isEqualTo(Cause.MANUAL);
        assertThat(promotion.previous()).isEqualTo(b.checkpoint());
        assertThat(promotions.isPromoted(a.checkpoint())).isTrue();
        assertThat(promotions.isNeeded(b.checkpoint())).isTrue();
    }

    @Test
    void promotingThePromotedOnePinsItAndAskingAgainChangesNothing() throws Exception {
        evaluated(a);
        evaluated(b);

        ModelPromoted promotion = promoter.promote(MODEL, b.checkpoint().checkpointId());

        assertThat(promotion.pinned()).isTrue();
        assertThat(promotion.previous()).isEqualTo(a.checkpoint());
        assertThat(promoter.promote(MODEL, b.checkpoint().checkpointId())).isEqualTo(promotion);
        assertThat(written).hasSize(3);
    }

    @Test
    void whatCannotBePromotedByHandIsRefusedWithTheReason() {
        evaluated(a);
        evaluated(b);
        leaderboard.add(evaluation(checkpoint("run-9", 1), "other", DIGEST, 1, 0.9, 0.5, NOON));
        leaderboard.add(PromotionRuleTest.answering(evaluation("run-3", 7, 0.9, 0.5), "cat", "dog"));
        damaged.add(a.checkpoint().checkpointId());

        refused(() -> promoter.promote(MODEL, "run-3-step-7"), Reason.BOUND, "answers [0, 1], it answers [cat, dog]");
        refused(() -> promoter.promote(MODEL, "nobody"), Reason.UNKNOWN, "no checkpoint \"nobody\"");
        refused(() -> promoter.promote(MODEL, "run-9-step-1"), Reason.OTHER_MODEL, "the model \"other\"");
        refused(() -> promoter.promote(MODEL, "run-1-step-1"), Reason.FILE, "expected a file, found none");
        assertThat(promotions.current(MODEL).orElseThrow().checkpoint()).isEqualTo(b.checkpoint());
    }

    @Test
    void aRollbackToNothingOrToAFileThatIsGoneIsRefused() {
        refused(() -> promoter.rollback(MODEL), Reason.UNKNOWN, "nothing is promoted");
        evaluated(a);
        refused(() -> promoter.rollback(MODEL), Reason.NO_PREVIOUS, "run-1-step-1");
        evaluated(b);
        damaged.add(a.checkpoint().checkpointId());
        refused(() -> promoter.rollback(MODEL), Reason.FILE, "expected a file, found none");
        CheckpointRef old = a.checkpoint();
        leaderboard.add(evaluation(
                new CheckpointRef(old.checkpointId(), old.runId(), old.uri(), "other", 1),
                MODEL,
                DIGEST,
                1,
                0.1,
                1,
                NOON));
        refused(() -> promoter.rollback(MODEL), Reason.FILE, "written anew");
        assertThat(written).hasSize(2);
    }

    @Test
    void whatPeopleSayIsWorseGoesBackOnce() throws Exception {
        // Given
        evaluated(a);
        evaluated(b);
        Map<String, LiveScore> live = new HashMap<>();
        Function<String, LiveScore> said = version -> live.getOrDefault(version, LiveScore.NONE);

        // When nobody said anything, of one alone, or what may be chance
        assertThat(promoter.rollbackIfWorse("nobody", said)).isEmpty();
        assertThat(promoter.rollbackIfWorse(MODEL, said)).isEmpty();
        live.put("run-1-step-1", new LiveScore(95, 100));
        assertThat(promoter.rollbackIfWorse(MODEL, said)).isEmpty();
        live.put("run-1-step-2", new LiveScore(0, 29));
        assertThat(promoter.rollbackIfWorse(MODEL, said)).isEmpty();
        live.put("run-1-step-2", new LiveScore(35, 40));
        assertThat(promoter.rollbackIfWorse(MODEL, said)).isEmpty();

        // When it is none
        live.put("run-1-step-2", new LiveScore(80, 100));

        // Then
        ModelPromoted back = promoter.rollbackIfWorse(MODEL, said).orElseThrow();
        assertThat(back.checkpoint()).isEqualTo(a.checkpoint());
        assertThat(back.cause()).isEqualTo(Cause.ROLLBACK);
        assertThat(back.pinned()).isTrue();

        // And neither there and back, nor where somebody unpinned it
        live.put("run-1-step-2", new LiveScore(1000, 1000));
        assertThat(promoter.rollbackIfWorse(MODEL, said)).isEmpty();
        promoter.unpin(MODEL);
        assertThat(promoter.rollbackIfWorse(MODEL, said)).isEmpty();
    }

    @Test
    void whatSomebodyPinnedStaysWhateverPeopleSay() throws Exception {
        evaluated(a);
        evaluated(b);
        promoter.promote(MODEL, b.checkpoint().checkpointId());

        assertThat(promoter.rollbackIfWorse(
                        MODEL, version -> new LiveScore(version.equals("run-1-step-1") ? 100 : 0, 100)))
                .isEmpty();
    }

    @Test
    void aShadowStandsBesideWhateverIsPromotedUntilItIsTakenAway() throws Exception {
        // Given
        evaluated(b);
        leaderboard.add(a);
        now = NOON.plusSeconds(100);

        // When
        ModelPromoted beside = promoter.shadow(MODEL, a.checkpoint().checkpointId());

        // Then it decides nothing about what is served, and its file is kept
        assertThat(beside).isEqualTo(written.get(0).beside(a.checkpoint()));
        assertThat(promotions.isNeeded(a.checkpoint())).isTrue();
        assertThat(promoter.shadow(MODEL, a.checkpoint().checkpointId())).isEqualTo(beside);
        assertThat(written).hasSize(2);

        // And when something better comes, is pinned and unpinned
        assertThat(evaluated(c)).isTrue();
        promoter.promote(MODEL, c.checkpoint().checkpointId());
        assertThat(promoter.unpin(MODEL).shadow()).isEqualTo(a.checkpoint());
        assertThat(promotions.current(MODEL).orElseThrow().checkpoint()).isEqualTo(c.checkpoint());

        // And when it is taken away, twice
        assertThat(promoter.unshadow(MODEL).shadow()).isNull();
        assertThat(promoter.unshadow(MODEL).checkpoint()).isEqualTo(c.checkpoint());
    }

    @Test
    void aShadowThatIsPromotedIsNoShadowAnyMore() throws Exception {
        evaluated(b);
        leaderboard.add(a);
        promoter.shadow(MODEL, a.checkpoint().checkpointId());

        assertThat(promoter.promote(MODEL, a.checkpoint().checkpointId()).shadow())
                .isNull();
        assertThat(promoter.rollback(MODEL).shadow()).isNull();
    }

    @Test
    void whatCannotBeAShadowIsRefusedWithTheReason() {
        refused(() -> promoter.shadow(MODEL, "run-1-step-1"), Reason.UNKNOWN, "nothing is promoted");
        refused(() -> promoter.unshadow(MODEL), Reason.UNKNOWN, "nothing is promoted");
        evaluated(a);
        evaluated(b);
        leaderboard.add(evaluation(checkpoint("run-9", 1), "other", DIGEST, 1, 0.9, 0.5, NOON));
        leaderboard.add(PromotionRuleTest.answering(evaluation("run-3", 7, 0.9, 0.5), "cat", "dog"));
        damaged.add(a.checkpoint().checkpointId());

        refused(() -> promoter.shadow(MODEL, "nobody"), Reason.UNKNOWN, "no checkpoint \"nobody\"");
        refused(() -> promoter.shadow(MODEL, "run-9-step-1"), Reason.OTHER_MODEL, "the model \"other\"");
        refused(
                () -> promoter.shadow(MODEL, "run-1-step-2"),
                Reason.SERVED,
                "is what is promoted as \"mnist\" already; a shadow is another one");
        refused(() -> promoter.shadow(MODEL, "run-3-step-7"), Reason.BOUND, "answers [0, 1], it answers [cat, dog]");
        refused(() -> promoter.shadow(MODEL, "run-1-step-1"), Reason.FILE, "expected a file, found none");
        assertThat(written).hasSize(2);
    }

    private boolean evaluated(EvaluationCompleted evaluation) {
        now = evaluation.evaluatedAt().plusMillis(1);
        leaderboard.add(evaluation);
        return promoter.consider(evaluation, true);
    }

    private static void refused(ThrowingCallable call, Reason reason, String why) {
        assertThatThrownBy(call)
                .hasMessageContaining(why)
                .asInstanceOf(type(PromotionRefusedException.class))
                .extracting(PromotionRefusedException::reason)
                .isEqualTo(reason);
    }
}
