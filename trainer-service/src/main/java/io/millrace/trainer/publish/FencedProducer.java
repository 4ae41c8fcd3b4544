// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.publish;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jboss.logging.Logger;

/**
 * A transactional producer that goes on after any failure but one: whoever opens one of its id later fences it off. To go
 * on may take another producer, which would fence off whoever has the id by then: so it is opened only while the id is known
 * to be this process's. For one thread at a time.
 */
final class FencedProducer implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(FencedProducer.class);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final Function<Map<String, ?>, ? extends Producer<String, byte[]>> producers;
    private final BooleanSupplier own;
    private final String transactionalId;
    private final String clientId;
    /** Null before it is opened, and after a failure that it cannot go on from. */
    private Producer<String, byte[]> producer;

    private boolean committing;
    private boolean fenced;

    /**
     * Not opened yet.
     *
     * @param producers makes one of its settings
     * @param own whether the id is still known to be this process's; not asked for the first producer
     */
    FencedProducer(
            Function<Map<String, ?>, ? extends Producer<String, byte[]>> producers,
            BooleanSupplier own,
            String transactionalId,
            String clientId) {
        this.producers = producers;
        this.own = own;
        this.transactionalId = transactionalId;
        this.clientId = clientId;
    }

    /** Fences off those of its id that were opened before. */
    void open() {
        Producer<String, byte[]> opened = producers.apply(Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                transactionalId,
                ProducerConfig.CLIENT_ID_CONFIG,
                clientId,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                (int) ANSWER.toMillis()));
        try {
            opened.initTransactions();
            producer = opened;
        } catch (RuntimeException e) {
            opened.close(Duration.ZERO);
            throw e;
        }
    }

    /** Whether it was fenced off, or may be another's by now; nothing can be written any more. */
    boolean isFenced() {
        return fenced;
    }

    /** Whether it is open if the latest commit was one: then only another attempt at it can tell. */
    boolean isCommitting() {
        return committing;
    }

    /** Begins a transaction with these records. */
    void send(List<ProducerRecord<String, byte[]>> records) {
        try {
            if (producer == null) {
                reopen();
            }
            producer.beginTransaction();
            records.forEach(producer::send);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException | IllegalStateException e) {
            recover(e);
            throw e;
        }
    }

    /** A process that stood still may have lost what it had to another one, which it would bar by this. */
    private void reopen() {
        if (!own.getAsBoolean()) {
            fenced = true;
            throw new IllegalStateException(
                    "the pool does not say that " + transactionalId + " is this worker's; another one may have it");
        }
        open();
    }

    /** Ends the transaction; when it returns, the broker has the records. */
    void commit() {
        try {
            committing = true;
            producer.commitTransaction();
            committing = false;
        } catch (InterruptException | TimeoutException e) {
            throw e;
        } catch (KafkaException | IllegalStateException e) {
            committing = false;
            recover(e);
            throw e;
        }
    }

    /** The producer can go on after the transaction is aborted; where that fails, another one does. */
    private void recover(RuntimeException failure) {
        fenced |= isFencing(failure);
        if (fenced || producer == null) {
            return;
        }
        try {
            producer.abortTransaction();
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException | IllegalStateException e) {
            LOGGER.debug("The transaction could not be aborted", e);
            fenced = isFencing(e);
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    private static boolean isFencing(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(FAREWELL);
        }
    }
}
