// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.evaluator.insight.Mistakes;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.CheckpointCheck;
import io.millrace.evaluator.promote.Promoter;
import io.millrace.evaluator.promote.PromotionRule;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.evaluator.retention.KnownRuns;
import io.millrace.evaluator.retention.Retention;
import io.millrace.evaluator.retention.RetentionRule;
import io.millrace.evaluator.score.CheckpointNetworks;
import io.millrace.evaluator.score.CheckpointScoring;
import io.millrace.evaluator.score.MisclassifiedSamples;
import io.millrace.evaluator.score.TestSplits;
import io.millrace.evaluator.score.ValidationSplits;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import io.millrace.model.checkpoint.StoredRuns;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;

/** Puts the features together, which know nothing of injection. */
class EvaluatorBeans {
    /** How long whoever asks about mistakes is kept waiting before being told to ask again. */
    private static final Duration ANSWER = Duration.ofSeconds(20);

    /** The test split of what was evaluated is there or was lost: nobody publishes it now. */
    private static final Duration SPLIT_OF_A_QUESTION = Duration.ofSeconds(10);

    @Produces
    @Singleton
    Leaderboard leaderboard() {
        return new Leaderboard();
    }

    @Produces
    @Singleton
    Promotions promotions() {
        return new Promotions();
    }

    @Produces
    @Singleton
    MisclassifiedSamples misclassified(EvaluatorConfig config) {
        return new MisclassifiedSamples(config.misclassifiedKept());
    }

    @Produces
    @Singleton
    Mistakes mistakes(CheckpointStore store, TestSplits splits, MisclassifiedSamples kept) {
        return new Mistakes(store, digest -> splits.get(digest, SPLIT_OF_A_QUESTION), kept, ANSWER);
    }

    @Produces
    @Singleton
    TestSplits testSplits(KafkaConnection connection, EvaluatorConfig config, BrokerWatch broker) {
        TestSplits.Settings settings = new TestSplits.Settings(
                config.testSplitTimeout(),
                // A run may have a validation split beside its test split.
                2 * config.testSplitsKept(),
                // The one in use may be no longer among them when the next one is read, and the network needs room,
                // too.
                Runtime.getRuntime().maxMemory() / 3);
        return new TestSplits(connection, settings, broker::reachable);
    }

    @Produces
    @Singleton
    KnownRuns runs() {
        return new KnownRuns();
    }

    @Produces
    @Singleton
    CheckpointScoring scoring(CheckpointStore store, TestSplits splits, KnownRuns runs) {
        return new CheckpointScoring(
                new CheckpointNetworks(store),
                splits::get,
                new ValidationSplits(runs::find, splits::get, InstantSource.system()),
                InstantSource.system());
    }

    @Produces
    @Singleton
    Promoter promoter(
            EvaluatorConfig config,
            Leaderboard leaderboard,
            Promotions promotions,
            Journal journal,
            KnownRuns runs,
            CheckpointStore store) {
        PromotionRule rule = new PromotionRule(config.floor());
        CheckpointCheck check = checkpoint -> {
            if (runs.isRemoved(checkpoint.incarnation())) {
                throw new CorruptCheckpointException(checkpoint.uri(), "a run that is there", "one that was removed");
            }
            store.read(checkpoint);
        };
        return new Promoter(rule, leaderboard, promotions, journal, check, InstantSource.system());
    }

    @Produces
    @Singleton
    Retention retention(
            EvaluatorConfig config,
            KnownRuns runs,
            Leaderboard leaderboard,
            Promotions promotions,
            CheckpointStore store,
            StoredRuns stored,
            Journal journal) {
        RetentionRule rule = new RetentionRule(config.keepBest(), config.keepNewest());
        return new Retention(
                rule, config.keepRuns(), runs, leaderboard, promotions, store::delete, stored, journal::withdraw);
    }
}
