// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.Topic;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Sends records that cannot be read to {@code <topic>.dlq}: key, value and headers untouched, the reason in further
 * headers, named as Reactive Messaging's own dead-letter strategy names them. Thread-safe.
 */
public final class DeadLetters implements AutoCloseable {
    public static final String REASON = "dead-letter-reason";
    public static final String TOPIC = "dead-letter-topic";
    public static final String PARTITION = "dead-letter-partition";
    public static final String OFFSET = "dead-letter-offset";

    private final KafkaProducer<String, byte[]> producer;
    private final Topic topic;

    /**
     * Opens the way out for one topic; its dead-letter topic has to be there.
     *
     * @param bootstrapServers {@code host:port,…}
     * @param source the topic whose records may turn out bad
     */
    public DeadLetters(String bootstrapServers, Topic source) {
        this.producer = Clients.producer(bootstrapServers, Map.of());
        this.topic = source.deadLetters();
    }

    /**
     * Sends one record and waits until the broker has it.
     *
     * @throws KafkaException when the broker did not take it: the record must not be passed over then
     */
    public void send(ConsumerRecord<String, byte[]> record, String reason) {
        Headers headers = new RecordHeaders(record.headers());
        headers.add(REASON, reason.getBytes(UTF_8));
        headers.add(TOPIC, record.topic().getBytes(UTF_8));
        headers.add(PARTITION, Integer.toString(record.partition()).getBytes(UTF_8));
        headers.add(OFFSET, Long.toString(record.offset()).getBytes(UTF_8));
        try {
            producer.send(new ProducerRecord<>(topic.name(), null, record.key(), record.value(), headers))
                    .get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw new KafkaException("cannot dead-letter offset " + record.offset() + " to " + topic.name(), e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
