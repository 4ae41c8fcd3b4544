// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.Topic;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Utils;
import org.jboss.logging.Logger;

/**
 * Sends records that cannot be read to a dead-letter topic: key, value and headers untouched, the reason in further
 * headers, named as Reactive Messaging's own dead-letter strategy names them. Only where a foreign producer wrote more than
 * a broker takes as it comes, which one that compresses can, is something left out: the record's headers when they alone
 * are too large, its key when that is, the end of its value. Thread-safe.
 */
public final class DeadLetters implements AutoCloseable {
    public static final String REASON = "dead-letter-reason";
    public static final String TOPIC = "dead-letter-topic";
    public static final String PARTITION = "dead-letter-partition";
    public static final String OFFSET = "dead-letter-offset";
    /** There only on a letter whose value was cut: the bytes that it had. */
    public static final String VALUE_BYTES = "dead-letter-value-bytes";

    /** Characters of a reason that are kept: it may quote the record. */
    private static final int LONGEST_REASON = 1000;

    /** What producers and brokers take as they come, less some room; more than our largest record and its reason. */
    private static final int LARGEST = 1_048_576 - 1024;

    /** What a header costs beside its name and value. */
    private static final int OVERHEAD = 32;

    /** Headers or a key above it are left out. */
    private static final int TOO_LARGE = LARGEST / 4;

    private static final Logger LOGGER = Logger.getLogger(DeadLetters.class);

    private final KafkaProducer<String, byte[]> producer;
    private final Topic topic;
    /** The record that was last refused; callers try it again and again. */
    private volatile String refused;

    /**
     * Opens the way to a dead-letter topic, which has to be there.
     */
    public DeadLetters(KafkaConnection connection, Topic topic) {
        this.producer = connection.producer(Map.of());
        this.topic = topic;
    }

    /**
     * Sends one record and waits until the broker has it. That it does not take one is logged once, however often the
     * caller tries.
     *
     * @throws KafkaException when the broker did not take it: the record must not be passed over then
     */
    public void send(ConsumerRecord<String, byte[]> record, String reason) {
        Headers headers =
                new RecordHeaders(bytes(record.headers()) > TOO_LARGE ? new RecordHeaders() : record.headers());
        headers.add(REASON, cut(reason).getBytes(UTF_8));
        headers.add(TOPIC, record.topic().getBytes(UTF_8));
        headers.add(PARTITION, Integer.toString(record.partition()).getBytes(UTF_8));
        headers.add(OFFSET, Long.toString(record.offset()).getBytes(UTF_8));
        int keyBytes = record.key() == null ? 0 : Utils.utf8Length(record.key());
        String key = keyBytes > TOO_LARGE ? null : record.key();
        int room = LARGEST - bytes(headers) - (key == null ? 0 : keyBytes);
        byte[] value = record.value();
        if (value != null && value.length > room) {
            headers.add(VALUE_BYTES, Integer.toString(value.length).getBytes(UTF_8));
            value = Arrays.copyOf(value, room);
        }
        try {
            producer.send(new ProducerRecord<>(topic.name(), null, key, value, headers))
                    .get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            tell(record, e.getCause());
            throw new KafkaException("cannot dead-letter offset " + record.offset() + " to " + topic.name(), e);
        }
    }

    private static int bytes(Headers headers) {
        int bytes = 0;
        for (Header header : headers) {
            bytes += Utils.utf8Length(header.key()) + (header.value() == null ? 0 : header.value().length) + OVERHEAD;
        }
        return bytes;
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
