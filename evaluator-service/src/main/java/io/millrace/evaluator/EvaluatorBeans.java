// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.Promoter;
import io.millrace.evaluator.promote.PromotionRule;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.evaluator.retention.Retention;
import io.millrace.evaluator.retention.RetentionRule;
import io.millrace.evaluator.score.CheckpointNetworks;
import io.millrace.evaluator.score.CheckpointScoring;
import io.millrace.evaluator.score.MisclassifiedSamples;
import io.millrace.evaluator.score.TestSplits;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.checkpoint.CheckpointStore;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** Puts the features together, which know nothing of injection. */
class EvaluatorBeans {
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
    TestSplits testSplits(KafkaConnection connection, EvaluatorConfig config, BrokerWatch broker) {
        TestSplits.Settings settings = new TestSplits.Settings(config.testSplitTimeout(), config.testSplitsKept());
        return new TestSplits(connection, settings, broker::reachable);
    }

    @Produces
    @Singleton
    CheckpointScoring scoring(CheckpointStore store, TestSplits splits) {
        return new CheckpointScoring(new CheckpointNetworks(store), splits::get, InstantSource.system());
    }

    @Produces
    @Singleton
    Promoter promoter(
            EvaluatorConfig config,
            Leaderboard leaderboard,
            Promotions promotions,
            Journal journal,
            CheckpointStore store) {
        PromotionRule rule = new PromotionRule(config.floor());
        return new Promoter(rule, leaderboard, promotions, journal, store::read, InstantSource.system());
    }

    @Produces
    @Singleton
    Retention retention(EvaluatorConfig config, Leaderboard leaderboard, Promotions promotions, CheckpointStore store) {
        RetentionRule rule = new RetentionRule(config.keepBest(), config.keepNewest());
        return new Retention(rule, leaderboard, promotions, store::delete);
    }
}
