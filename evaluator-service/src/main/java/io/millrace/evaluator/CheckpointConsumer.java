// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.evaluator.score.IncompleteNetworkException;
import io.millrace.evaluator.score.PassingFaultException;
import io.millrace.evaluator.score.UnusableNetworkException;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.DeadLetters;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Refusal;
import io.millrace.kafka.TopicAdmin;
import io.quarkus.logging.Log;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * Takes checkpoints from the queue, one at a time. A record is acknowledged when all that follows from it is confirmed by
 * the broker, or when it lies in the dead-letter topic with the reason, which is always one of the checkpoint itself. As
 * long as the broker, the store or this machine is not fit for it, it waits.
 */
@Singleton
public class CheckpointConsumer {
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final KafkaConnection connection;
    private final BrokerWatch broker;
    private final Evaluations evaluations;
    private final EvaluatorMetrics metrics;
    private final EvaluatorLiveness liveness;
    private final Duration patience;
    private final CountDownLatch closed = new CountDownLatch(1);
    /** What of the checkpoint in hand has been said. Of the consuming thread alone. */
    private Class<?> said;

    private volatile String refused;

    CheckpointConsumer(
            KafkaConnection connection,
            BrokerWatch broker,
            Evaluations evaluations,
            EvaluatorMetrics metrics,
            @Liveness EvaluatorLiveness liveness,
            EvaluatorConfig config) {
        this.connection = connection;
        this.broker = broker;
        this.evaluations = evaluations;
        this.metrics = metrics;
        this.liveness = liveness;
        this.patience = config.checkpointTimeout();
    }

    /** Why Kafka will not have us do what the checkpoint in hand needs, the remedy included; empty while it will. */
    Optional<String> refused() {
        return Optional.ofNullable(refused);
    }

    /**
     * Takes one record.
     *
     * @throws InterruptedException when the service stops: the channel fails, the record is not acknowledged, and comes
     *     again at the next start
     */
    @Incoming(CheckpointQueue.OPENED)
    @Blocking("checkpoints")
    void consume(ConsumerRecord<String, byte[]> record) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (!handled(record, deadline)) {
                if (closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new InterruptedException("stopped");
                }
            }
        } catch (RuntimeException | Error e) {
            liveness.stopped(e);
            throw e;
        } finally {
            said = null;
            refused = null;
        }
    }

    /** Whether nothing is left to do. */
    private boolean handled(ConsumerRecord<String, byte[]> record, long deadline) throws InterruptedException {
        try {
            handle(record, deadline);
            return true;
        } catch (KafkaException e) {
            Optional<String> refusal = Refusal.of(e);
            // That the broker is away altogether, the watch says.
            if (refusal.isPresent() || broker.reachable()) {
                sayOnce(record, refusal.orElseGet(e::toString), e);
            }
            refused = refusal.orElse(null);
        } catch (IncompleteNetworkException | PassingFaultException e) {
            sayOnce(record, e.getMessage(), e);
            refused = null;
        }
        return false;
    }

    private void handle(ConsumerRecord<String, byte[]> record, long deadline)
            throws IncompleteNetworkException, InterruptedException {
        try {
            evaluations.handle(EventCodec.decode(record.value(), CheckpointPublished.class));
        } catch (MalformedEventException | UnusableNetworkException e) {
            refuse(record, e.getMessage());
        } catch (IncompleteNetworkException e) {
            if (System.nanoTime() - deadline < 0) {
                throw e;
            }
            refuse(record, e.getMessage() + ", for " + patience);
        } catch (KafkaException | PassingFaultException e) {
            throw e;
        } catch (RuntimeException e) {
            // One checkpoint that nobody thought of must not stop the others.
            Log.error("A checkpoint could not be evaluated", e);
            refuse(record, "unexpected: " + e);
        }
    }

    /** Once for each kind of reason, not at every attempt. */
    private void sayOnce(ConsumerRecord<String, byte[]> record, String why, Exception e) {
        if (said != e.getClass()) {
            Log.warnf(
                    "Checkpoint cannot be evaluated yet; trying on. runId=%s topic=%s partition=%d offset=%d reason=\"%s\"",
                    record.key(), record.topic(), record.partition(), record.offset(), why);
        }
        said = e.getClass();
    }

    private void refuse(ConsumerRecord<String, byte[]> record, String reason) {
        TopicAdmin.ensure(connection, List.of(Topic.CHECKPOINTS.deadLetters()));
        try (DeadLetters deadLetters = new DeadLetters(connection, Topic.CHECKPOINTS.deadLetters())) {
            deadLetters.send(record, reason);
        }
        metrics.failed();
        Log.errorf(
                "Checkpoint not evaluated. runId=%s topic=%s partition=%d offset=%d reason=\"%s\"",
                record.key(), record.topic(), record.partition(), record.offset(), reason);
    }

    /** The service stops: whoever waits waits no longer. */
    void close() {
        closed.countDown();
    }
}
