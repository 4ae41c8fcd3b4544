// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.Topic;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jboss.logging.Logger;

/**
 * Sends records that cannot be read to {@code <topic>.dlq}: key, value and headers untouched, the reason in further
 * headers, named as Reactive Messaging's own dead-letter strategy names them. Thread-safe.
 */
public final class DeadLetters implements AutoCloseable {
    public static final String REASON = "dead-letter-reason";
    public static final String TOPIC = "dead-letter-topic";
    public static final String PARTITION = "dead-letter-partition";
    public static final String OFFSET = "dead-letter-offset";

    /** Characters of a reason that are kept: it may quote the record, and has to fit into the headroom. */
    private static final int LONGEST_REASON = 1000;

    private static final Logger LOGGER = Logger.getLogger(DeadLetters.class);

    private final KafkaProducer<String, byte[]> producer;
    private final Topic topic;
    /** The record that was last refused; callers try it again and again. */
    private volatile String refused;

    /**
     * Opens the way out for one topic; its dead-letter topic has to be there.
     *
     * @param bootstrapServers {@code host:port,…}
     * @param source the topic whose records may turn out bad
     */
    public DeadLetters(String bootstrapServers, Topic source) {
        this.producer = Clients.producer(
                bootstrapServers,
                Map.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topic.MAX_RECORD_BYTES + Topic.DEAD_LETTER_HEADROOM));
        this.topic = source.deadLetters();
    }

    /**
     * Sends one record and waits until the broker has it. That it does not take one is logged once, however often the
     * caller tries.
     *
     * @throws KafkaException when the broker did not take it: the record must not be passed over then
     */
    public void send(ConsumerRecord<String, byte[]> record, String reason) {
        Headers headers = new RecordHeaders(record.headers());
        headers.add(REASON, cut(reason).getBytes(UTF_8));
        headers.add(TOPIC, record.topic().getBytes(UTF_8));
        headers.add(PARTITION, Integer.toString(record.partition()).getBytes(UTF_8));
        headers.add(OFFSET, Long.toString(record.offset()).getBytes(UTF_8));
        try {
            producer.send(new ProducerRecord<>(topic.name(), null, record.key(), record.value(), headers))
                    .get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            tell(record, e.getCause());
            throw new KafkaException("cannot dead-letter offset " + record.offset() + " to " + topic.name(), e);
        }
    }

    private void tell(ConsumerRecord<String, byte[]> record, Throwable cause) {
        String place = record.topic() + " " + record.partition() + " " + record.offset();
        if (!place.equals(refused)) {
            refused = place;
            LOGGER.warnf(
                    "A record that cannot be read cannot be dead-lettered either; it is tried again until it can."
                            + " topic=%s partition=%d offset=%d dlq=%s reason=\"%s\"",
                    record.topic(), record.partition(), record.offset(), topic.name(), cause.getMessage());
        }
    }

    private static String cut(String reason) {
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…";
    }

    @Override
    public void close() {
        producer.close();
    }
}
