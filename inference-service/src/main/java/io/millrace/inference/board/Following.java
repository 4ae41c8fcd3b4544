// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.inference.InferenceConfig;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/**
 * Reads what the board shows, apart from the promotions that decide what is served: whoever may not read runs or curves can
 * serve all the same. Thread-safe.
 */
@Singleton
final class Following {
    private final ChangeLog log = new ChangeLog();
    private volatile BrokerWatch broker;
    private volatile EventTable table;

    void start(
            @Observes StartupEvent event,
            InferenceConfig configuration,
            Instance<KafkaConnection> connection,
            Instance<BrokerWatch> watch) {
        if (configuration.file().isPresent()) {
            return;
        }
        Board board = new Board(log);
        broker = watch.get();
        table = new EventTable(connection.get(), broker)
                .follow(Topic.RUNS, RunSpec.class, board.runs())
                .follow(Topic.RUN_STATUS, RunStatus.class, board.statuses())
                .follow(Topic.METRICS, MetricPoint.class, board.points())
                .follow(Topic.EVALUATIONS, EvaluationCompleted.class, board.evaluations())
                .follow(Topic.PROMOTIONS, ModelPromoted.class, board.promotions())
                .start();
    }

    void stop(@Observes ShutdownEvent event) {
        if (table != null) {
            table.close();
        }
    }

    ChangeLog log() {
        return log;
    }

    /** Whether there is anything to follow. */
    boolean active() {
        return table != null;
    }

    /** Why it does not get on; null while it does. */
    String problem() {
        return table == null ? null : table.problem().or(broker::reason).orElse(null);
    }
}
