// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.PromotionLog;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.evaluator.retention.KnownRuns;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventMessages;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.smallrye.reactive.messaging.MutinyEmitter;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * The evaluations and the promotions, and what is known of the runs: written to their topics, and known only from there. What this process wrote comes
 * back to it the way it reaches everybody else, so a second process (a rolling update) never decides on an old picture
 * once it has caught up. Thread-safe.
 */
@Singleton
public class Journal implements PromotionLog {
    static final String SOURCE = "/evaluator-service";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final EventTable table;
    private volatile Runnable onNews = () -> {};
    private final MutinyEmitter<byte[]> evaluationsOut;
    private final MutinyEmitter<byte[]> promotionsOut;

    Journal(
            KafkaConnection connection,
            BrokerWatch broker,
            Leaderboard leaderboard,
            Promotions promotions,
            KnownRuns runs,
            EvaluatorMetrics metrics,
            PromotedAccuracy accuracy,
            CheckpointQueue queue,
            @Channel("evaluations") MutinyEmitter<byte[]> evaluationsOut,
            @Channel("promotions") MutinyEmitter<byte[]> promotionsOut) {
        this.evaluationsOut = evaluationsOut;
        this.promotionsOut = promotionsOut;
        this.table = new EventTable(connection, broker)
                .follow(Topic.EVALUATIONS, EvaluationCompleted.class, evaluations(leaderboard, metrics, queue))
                .follow(Topic.PROMOTIONS, ModelPromoted.class, promotions(promotions, accuracy))
                .follow(Topic.RUNS, RunSpec.class, new Runs(runs))
                .follow(Topic.RUN_STATUS, RunStatus.class, new Statuses(runs))
                .watch(Topic.CHECKPOINTS, queue.group(), queue::rewind);
    }

    private static EventTable.Listener<EvaluationCompleted> evaluations(
            Leaderboard leaderboard, EvaluatorMetrics metrics, CheckpointQueue queue) {
        return new EventTable.Listener<>() {
            @Override
            public void event(String checkpointId, EvaluationCompleted evaluation, long offset) {
                if (evaluation == null) {
                    leaderboard.remove(checkpointId);
                } else {
                    leaderboard.add(evaluation);
                    metrics.show(evaluation);
                }
            }

            /** What is evaluated no more, and is still there, is evaluated again. */
            @Override
            public void cleared() {
                leaderboard.clear();
                queue.rewind();
            }
        };
    }

    private EventTable.Listener<ModelPromoted> promotions(Promotions promotions, PromotedAccuracy accuracy) {
        return new EventTable.Listener<>() {
            @Override
            public void event(String model, ModelPromoted promotion, long offset) {
                if (promotion == null) {
                    promotions.remove(model);
                } else {
                    promotions.apply(promotion);
                }
                accuracy.show();
                onNews.run();
            }

            @Override
            public void cleared() {
                promotions.clear();
                accuracy.show();
            }
        };
    }

    private final class Runs implements EventTable.Listener<RunSpec> {
        private final KnownRuns runs;

        private Runs(KnownRuns runs) {
            this.runs = runs;
        }

        @Override
        public void event(String runId, RunSpec run, long offset) {
            runs.run(runId, run);
            onNews.run();
        }

        @Override
        public void unreadable(String runId, long offset, String reason) {
            runs.run(runId, null);
        }

        @Override
        public void replayed() {
            onNews.run();
        }

        @Override
        public void cleared() {
            runs.runsCleared();
        }
    }

    private final class Statuses implements EventTable.Listener<RunStatus> {
        private final KnownRuns runs;

        private Statuses(KnownRuns runs) {
            this.runs = runs;
        }

        @Override
        public void event(String runId, RunStatus status, long offset) {
            runs.status(runId, status);
            if (status != null && status.ended()) {
                onNews.run();
            }
        }

        @Override
        public void cleared() {
            runs.statusesCleared();
        }
    }

    /** Is run by the reading thread when there may be something to delete; before the start. */
    void onNews(Runnable listener) {
        onNews = listener;
    }

    /** Begins to read. */
    void start() {
        table.start();
    }

    /** Why what was evaluated and promoted is not all known; empty when it is. */
    Optional<String> problem() {
        return table.problem()
                .or(() -> table.isReplayed() ? Optional.empty() : Optional.of("the log is being replayed"));
    }

    @Override
    public void catchUp() {
        table.catchUp(PATIENCE);
    }

    /**
     * Writes an evaluation and returns when the broker has it and the leaderboard shows it.
     *
     * @throws KafkaException when the broker did not confirm; it may have it all the same
     */
    void append(EvaluationCompleted evaluation) {
        String id = evaluation.checkpoint().checkpointId();
        send(evaluationsOut, EventMessages.of(Topic.EVALUATIONS, id, id, SOURCE, evaluation));
    }

    /** As {@link #append}, that a checkpoint has no line on the leaderboard any more. */
    void withdraw(String checkpointId) {
        send(evaluationsOut, EventMessages.tombstone(Topic.EVALUATIONS, checkpointId, SOURCE));
    }

    @Override
    public void append(ModelPromoted promotion) {
        String id = UUID.randomUUID().toString();
        send(promotionsOut, EventMessages.of(Topic.PROMOTIONS, promotion.model(), id, SOURCE, promotion));
    }

    @Override
    public void remove(String model) {
        send(promotionsOut, EventMessages.tombstone(Topic.PROMOTIONS, model, SOURCE));
    }

    private void send(MutinyEmitter<byte[]> channel, Message<byte[]> message) {
        try {
            channel.sendMessageAndAwait(message);
        } catch (RuntimeException e) {
            throw new KafkaException("the broker did not confirm an event", e);
        }
        catchUp();
    }

    /** Ends reading; whoever waits for the end of the log waits no longer. */
    void close() {
        table.close();
    }
}
