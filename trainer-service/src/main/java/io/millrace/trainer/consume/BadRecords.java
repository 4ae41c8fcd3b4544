// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.DeadLetters;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Refusal;
import io.millrace.trainer.TrainerMetrics;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.jboss.logging.Logger;

/**
 * Where the records of a run's log go that cannot be read. What lies before the run's checkpoint is never read again; what
 * lies behind it goes to the dead letters once in each process that reads it. For the reading thread.
 */
final class BadRecords implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(BadRecords.class);
    private static final long RETRY_MILLIS = 1000;

    private final KafkaConnection connection;
    private final RunSpec run;
    private final TrainerMetrics metrics;
    private final CountDownLatch closed;
    private final boolean deadLettering;
    /** A producer of its own, which most runs never need. */
    private DeadLetters deadLetters;

    /** @param deadLettering false: they are passed over */
    BadRecords(
            KafkaConnection connection,
            RunSpec run,
            TrainerMetrics metrics,
            CountDownLatch closed,
            boolean deadLettering) {
        this.deadLettering = deadLettering;
        this.connection = connection;
        this.run = run;
        this.metrics = metrics;
        this.closed = closed;
    }

    /** A record was judged; if badly, it has been dead-lettered when this returns, however long that takes. */
    void judged(ConsumerRecord<String, byte[]> record, Shard.Verdict verdict, String reason)
            throws InterruptedException {
        if (verdict == Shard.Verdict.SEEN) {
            metrics.duplicate();
        } else if (verdict == Shard.Verdict.BAD && deadLettering) {
            LOGGER.warnf(
                    "Record cannot be read, it goes to the dead letters. runId=%s topic=%s partition=%d offset=%d reason=\"%s\"",
                    run.runId(), record.topic(), record.partition(), record.offset(), reason);
            while (!send(record, reason)) {
                if (closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new InterruptedException("closed before a record was dead-lettered");
                }
            }
            metrics.deadLetter();
        }
    }

    /** @return false when it is worth another try: a record must not vanish because the broker is away */
    private boolean send(ConsumerRecord<String, byte[]> record, String reason) {
        try {
            deadLetters = deadLetters == null ? new DeadLetters(connection, Topic.BATCHES_DEAD_LETTERS) : deadLetters;
            deadLetters.send(record, reason);
            return true;
        } catch (KafkaException e) {
            if (!isHopeless(e)) {
                LOGGER.debug("Not dead-lettered yet", e);
                return false;
            }
            LOGGER.errorf(
                    "Kafka takes the record as no dead letter either; it stays where it is. topic=%s partition=%d offset=%d reason=\"%s\"",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    innermost(e).getMessage());
            return true;
        }
    }

    /** The broker objects to this very record, such as one whose headers alone are too large. */
    private static boolean isHopeless(KafkaException e) {
        Throwable cause = innermost(e);
        return cause instanceof ApiException
                && !(cause instanceof RetriableException)
                && Refusal.of(e).isEmpty();
    }

    private static Throwable innermost(Throwable failure) {
        return Optional.ofNullable(failure.getCause())
                .map(BadRecords::innermost)
                .orElse(failure);
    }

    @Override
    public void close() {
        if (deadLetters != null) {
            deadLetters.close();
        }
    }
}
