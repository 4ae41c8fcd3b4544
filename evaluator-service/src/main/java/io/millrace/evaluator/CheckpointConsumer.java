// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.evaluator.score.UnreadableNetworkException;
import io.millrace.evaluator.score.UnusableNetworkException;
import io.millrace.kafka.DeadLetters;
import io.quarkus.logging.Log;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * The work queue of checkpoints, one at a time. A record is acknowledged when all that follows from it is confirmed by
 * the broker, or when it lies in the dead-letter topic with the reason; while the broker is away or the store cannot be
 * read, it waits.
 */
@Singleton
public class CheckpointConsumer {
    private final String bootstrapServers;
    private final LogFollower follower;
    private final Evaluations evaluations;
    private final EvaluatorMetrics metrics;
    private final EvaluatorLiveness liveness;
    private final Duration patience;

    CheckpointConsumer(
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers,
            LogFollower follower,
            Evaluations evaluations,
            EvaluatorMetrics metrics,
            @Liveness EvaluatorLiveness liveness,
            EvaluatorConfig config) {
        this.bootstrapServers = bootstrapServers;
        this.follower = follower;
        this.evaluations = evaluations;
        this.metrics = metrics;
        this.liveness = liveness;
        this.patience = config.checkpointTimeout();
    }

    /**
     * Takes one record.
     *
     * @throws InterruptedException when the service stops: the channel fails, the record is not acknowledged, and comes
     *     again at the next start
     */
    @Incoming(CheckpointFeed.OPENED)
    @Blocking("checkpoints")
    void consume(ConsumerRecord<String, byte[]> record) throws InterruptedException {
        follower.awaitReplayed();
        long deadline = System.nanoTime() + patience.toNanos();
        boolean done = false;
        boolean said = false;
        while (!done) {
            try {
                handle(record, deadline);
                done = true;
            } catch (KafkaException e) {
                Log.debug("The broker failed; the checkpoint is taken up again", e);
                follower.pause();
            } catch (UnreadableNetworkException e) {
                said = said || sayUnreadable(record, e);
                follower.pause();
            } catch (RuntimeException | Error e) {
                liveness.stopped(e);
                throw e;
            }
        }
    }

    private void handle(ConsumerRecord<String, byte[]> record, long deadline)
            throws UnreadableNetworkException, InterruptedException {
        try {
            evaluations.handle(decode(record.value()));
        } catch (MalformedEventException | UnusableNetworkException e) {
            refuse(record, e.getMessage());
        } catch (UnreadableNetworkException e) {
            if (!e.incomplete() || System.nanoTime() - deadline < 0) {
                throw e;
            }
            refuse(record, e.getMessage() + ", for " + patience);
        } catch (KafkaException e) {
            throw e;
        } catch (RuntimeException e) {
            // One checkpoint that nobody thought of must not stop the others.
            Log.error("A checkpoint could not be evaluated", e);
            refuse(record, "unexpected: " + e);
        }
    }

    private static boolean sayUnreadable(ConsumerRecord<String, byte[]> record, UnreadableNetworkException e) {
        Log.warnf(
                "Checkpoint cannot be read; trying on. runId=%s topic=%s partition=%d offset=%d reason=\"%s\"",
                record.key(), record.topic(), record.partition(), record.offset(), e.getMessage());
        return true;
    }

    private static CheckpointPublished decode(byte[] value) throws MalformedEventException {
        CheckpointPublished event = EventCodec.decode(value, CheckpointPublished.class);
        CheckpointRef checkpoint = event.checkpoint();
        if (checkpoint == null
                || Stream.of(
                                checkpoint.checkpointId(),
                                checkpoint.runId(),
                                checkpoint.uri(),
                                checkpoint.sha256(),
                                event.model(),
                                event.datasetDigest())
                        .anyMatch(text -> text == null || text.isBlank())) {
            throw new MalformedEventException("a CheckpointPublished without checkpoint, model or datasetDigest");
        }
        return event;
    }

    private void refuse(ConsumerRecord<String, byte[]> record, String reason) {
        try (DeadLetters deadLetters = new DeadLetters(bootstrapServers, Topic.CHECKPOINTS)) {
            deadLetters.send(record, reason);
        }
        metrics.failed();
        Log.errorf(
                "Checkpoint not evaluated. runId=%s topic=%s partition=%d offset=%d reason=\"%s\"",
                record.key(), record.topic(), record.partition(), record.offset(), reason);
    }
}
