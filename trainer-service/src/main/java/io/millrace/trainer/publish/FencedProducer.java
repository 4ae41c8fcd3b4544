// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.publish;

import io.millrace.kafka.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jboss.logging.Logger;

/**
 * A transactional producer that goes on after any failure but one: whoever opens one of its id later fences it off. For one
 * thread at a time.
 */
final class FencedProducer implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(FencedProducer.class);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final KafkaConnection connection;
    private final String transactionalId;
    private final String clientId;
    /** Null before it is opened, and after a failure that it cannot go on from. */
    private KafkaProducer<String, byte[]> producer;

    private boolean committing;
    private boolean fenced;

    FencedProducer(KafkaConnection connection, String transactionalId, String clientId) {
        this.connection = connection;
        this.transactionalId = transactionalId;
        this.clientId = clientId;
    }

    /** Fences off those of its id that were opened before. */
    void open() {
        KafkaProducer<String, byte[]> opened = connection.producer(Map.of(
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

    /** Whether it was fenced off; nothing can be written any more. */
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
                open();
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
        fenced = isFencing(failure);
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
