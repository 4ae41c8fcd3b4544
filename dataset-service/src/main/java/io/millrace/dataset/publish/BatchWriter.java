// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.dataset.run.RunEvents;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.KafkaConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/**
 * Writes batches, some at a time, each time all or none. Opening one fences every other writer: of a killed process's
 * last transaction it is decided then whether it happened. Not thread-safe.
 */
final class BatchWriter implements AutoCloseable {
    private static final String TRANSACTIONAL_ID = "millrace-dataset-service";
    /** How long one call may wait for the broker; after that all is settled anew from the log. */
    private static final int TIMEOUT_MS = 30_000;

    /** The first batch of a transaction is refused while the broker still completes the one before: asked again soon. */
    private static final int RETRY_MS = 20;

    private final KafkaProducer<String, byte[]> producer;
    private final KafkaClientMetrics metrics;
    private boolean inTransaction;

    BatchWriter(KafkaConnection connection, MeterRegistry registry) {
        producer = connection.producer(Map.of(
                ProducerConfig.CLIENT_ID_CONFIG, "dataset-service-batches",
                ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID,
                ProducerConfig.RETRY_BACKOFF_MS_CONFIG, RETRY_MS,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MS,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, TIMEOUT_MS,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS / 2));
        metrics = new KafkaClientMetrics(producer);
        metrics.bindTo(registry);
    }

    /** Takes over from whoever wrote before. */
    void open() {
        producer.initTransactions();
    }

    /**
     * Writes batches in one transaction, in parts where one does not fit into a record; each goes to its shard's partition,
     * under its owner's key. They are made one by one, as they are written: those of one step may be as large as the whole
     * training split.
     *
     * @return the bytes of their values
     * @throws KafkaException when it is not certain that they are written; the log decides then
     */
    long write(Topic topic, Stream<ImageBatch> batches) throws InterruptedException {
        producer.beginTransaction();
        inTransaction = true;
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        batches.flatMap(batch -> batch.parts().stream())
                .forEachOrdered(part -> sent.add(producer.send(record(topic, part))));
        producer.commitTransaction();
        inTransaction = false;
        long bytes = 0;
        for (Future<RecordMetadata> future : sent) {
            bytes += get(future).serializedValueSize();
        }
        return bytes;
    }

    /** Gives up a transaction in which the broker refused a batch, if there is one; another one may be begun. */
    void abort() {
        if (inTransaction) {
            producer.abortTransaction();
            inTransaction = false;
        }
    }

    private static ProducerRecord<String, byte[]> record(Topic topic, ImageBatch batch) {
        CloudEvent event = CloudEvent.of(topic, batch.id().toString(), RunEvents.SOURCE);
        return new ProducerRecord<>(
                topic.name(),
                batch.id().shard(),
                batch.id().owner(),
                BatchCodec.encode(batch),
                CloudEventHeaders.of(event));
    }

    private static RecordMetadata get(Future<RecordMetadata> committed) throws InterruptedException {
        try {
            return committed.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a committed record has failed", e);
        }
    }

    @Override
    public void close() {
        metrics.close();
        producer.close(Duration.ZERO);
    }
}
