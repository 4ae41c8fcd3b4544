// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.Feedback;
import io.millrace.evaluator.promote.Promoter;
import io.millrace.evaluator.promote.PromotionRefusedException;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.feedback.Tally;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Asks for a rollback where those who may operate say that what is promoted is worse than what was before. What others say does not count:
 * whoever may classify could replace a model by lying. Reads by a table of its own, so that a grant that is missing stops this alone, and decides on
 * a thread of its own, since a decision waits for its record. Thread-safe.
 */
@Singleton
class LiveRollback implements EventTable.Listener<Feedback> {
    private static final int MOST_ANSWERS = 20_000;
    private static final int MOST_VERSIONS = 100;

    private final KafkaConnection connection;
    private final BrokerWatch broker;
    private final Promoter promoter;
    private final EvaluatorMetrics metrics;
    private final EvaluatorConfig config;
    private final Tally tally = new Tally(MOST_ANSWERS, MOST_VERSIONS);
    /** Of the reading thread. */
    private final Set<String> models = new HashSet<>();
    /** Models that are about to be looked at. */
    private final Set<String> due = ConcurrentHashMap.newKeySet();
    /** Refusals that were logged. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    private final ExecutorService deciding = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "live-rollback");
        thread.setDaemon(true);
        return thread;
    });
    private boolean replayed;
    private EventTable table;

    LiveRollback(
            KafkaConnection connection,
            BrokerWatch broker,
            Promoter promoter,
            EvaluatorMetrics metrics,
            EvaluatorConfig config) {
        this.connection = connection;
        this.broker = broker;
        this.promoter = promoter;
        this.metrics = metrics;
        this.config = config;
    }

    /** Begins, where it is wanted. */
    void start() {
        if (config.rollbackByFeedback()) {
            table = new EventTable(connection, broker)
                    .follow(Topic.FEEDBACK, Feedback.class, this)
                    .start();
        }
    }

    @Override
    public void event(String key, Feedback said, long offset) {
        if (said == null || !said.byOperator()) {
            return;
        }
        tally.event(key, said, offset);
        models.add(said.model());
        if (replayed) {
            look(said.model());
        }
    }

    /** Half of what was said would be another verdict. */
    @Override
    public void replayed() {
        replayed = true;
        models.forEach(this::look);
    }

    @Override
    public void cleared() {
        tally.cleared();
        models.clear();
        replayed = false;
    }

    private void look(String model) {
        if (due.add(model)) {
            deciding.execute(() -> decide(model));
        }
    }

    private void decide(String model) {
        due.remove(model);
        try {
            promoter.rollbackIfWorse(model, tally::of).ifPresent(promotion -> metrics.rolledBack());
        } catch (PromotionRefusedException e) {
            if (told.add(model + e.getMessage())) {
                Log.warnf(
                        "Not rolled back, though people say that it is worse. model=%s reason=\"%s\"",
                        model, e.getMessage());
            }
        } catch (RuntimeException e) {
            Log.warnf(
                    "Not rolled back now; looked at again when somebody says more. model=%s reason=\"%s\"",
                    model, e.getMessage());
        }
    }

    void close() {
        if (table != null) {
            table.close();
        }
        deciding.shutdownNow();
    }
}
