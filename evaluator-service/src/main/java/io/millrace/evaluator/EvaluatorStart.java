// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.evaluator.insight.Mistakes;
import io.millrace.evaluator.score.TestSplits;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.ScoringEngine;
import io.millrace.model.Torch;
import io.millrace.store.StoreConfig;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** The service's first and last moments. */
@Singleton
class EvaluatorStart {
    private final KafkaConnection connection;
    private final EvaluatorConfig config;
    private final StoreConfig checkpoints;

    EvaluatorStart(KafkaConnection connection, EvaluatorConfig config, StoreConfig checkpoints) {
        this.connection = connection;
        this.config = config;
        this.checkpoints = checkpoints;
    }

    void start(@Observes StartupEvent event, Journal journal, Housekeeping housekeeping, LiveRollback live) {
        config.threads().ifPresent(threads -> System.setProperty(Torch.THREADS_PROPERTY, Integer.toString(threads)));
        Log.infof(
                "Starting. kafka.bootstrap.servers=%s millrace.checkpoints.uri=%s keepBest=%d keepNewest=%d keepRuns=%d"
                        + " testSplitTimeout=%s testSplitsKept=%d misclassifiedKept=%d engine=\"%s\"",
                connection.bootstrapServers(),
                checkpoints.uri(),
                config.keepBest(),
                config.keepNewest(),
                config.keepRuns(),
                config.testSplitTimeout(),
                config.testSplitsKept(),
                config.misclassifiedKept(),
                ScoringEngine.here().description());
        housekeeping.start();
        journal.start();
        live.start();
    }

    void stop(
            @Observes ShutdownEvent event,
            CheckpointConsumer checkpoints,
            Housekeeping housekeeping,
            LiveRollback live,
            Journal journal,
            TestSplits splits,
            Mistakes mistakes)
            throws InterruptedException {
        checkpoints.close();
        housekeeping.close();
        live.close();
        journal.close();
        mistakes.close();
        splits.close();
    }
}
