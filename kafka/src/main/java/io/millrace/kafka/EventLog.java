// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Keyed;
import io.millrace.contracts.event.MalformedEventException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/** Replays an event topic: what a service must know before it acts. Such topics have one partition. */
public final class EventLog {
    private static final Logger LOGGER = Logger.getLogger(EventLog.class);
    /** Bounds the wait for a topic that is not there; the service tries again. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private EventLog() {}

    /**
     * One event of a log.
     *
     * @param key of the record
     * @param value the event; null deletes the key
     * @param offset its place in the log
     */
    public record Entry<T>(String key, T value, long offset) {}

    /**
     * All events from the first to the one that was last when the call began. What cannot be read is passed over and
     * logged: the service that wrote it has to be mended, this one must still start.
     *
     * @throws org.apache.kafka.common.KafkaException when the broker does not answer, lacks the topic or stops half-way
     */
    public static <T> List<Entry<T>> readAll(String bootstrapServers, Topic topic, Class<T> type) {
        return readAll(bootstrapServers, topic, type, PATIENCE);
    }

    static <T> List<Entry<T>> readAll(String bootstrapServers, Topic topic, Class<T> type, Duration patience) {
        List<Entry<T>> entries = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = consumer(bootstrapServers, patience)) {
            Replay.each(consumer, new TopicPartition(topic.name(), 0), 0, record -> entry(record, type)
                    .ifPresent(entries::add));
        }
        return entries;
    }

    /**
     * The offset behind the last event.
     *
     * @throws org.apache.kafka.common.KafkaException when the broker does not answer or lacks the topic
     */
    public static long end(String bootstrapServers, Topic topic) {
        TopicPartition partition = new TopicPartition(topic.name(), 0);
        try (KafkaConsumer<String, byte[]> consumer = consumer(bootstrapServers, PATIENCE)) {
            consumer.assign(List.of(partition)); // else the client warns that it keeps nothing of the answer
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }

    private static KafkaConsumer<String, byte[]> consumer(String bootstrapServers, Duration patience) {
        return Clients.consumer(
                bootstrapServers, Map.of(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) patience.toMillis()));
    }

    /**
     * The event of a record; empty, and logged, when it cannot be read or stands under the key of another one. Such events
     * are not dead-lettered: their topics are tables that are read from the beginning at every start, and whoever is
     * concerned says so, as the trainer does by the status of a run that it cannot read.
     */
    public static <T> Optional<Entry<T>> entry(ConsumerRecord<String, byte[]> record, Class<T> type) {
        try {
            T value = record.value() == null ? null : EventCodec.decode(record.value(), type);
            if (value instanceof Keyed keyed && !keyed.key().equals(record.key())) {
                throw new MalformedEventException("the key \"" + record.key() + "\" should be \"" + keyed.key() + '"');
            }
            return Optional.of(new Entry<>(record.key(), value, record.offset()));
        } catch (MalformedEventException e) {
            LOGGER.errorf(
                    "Passed over an event that cannot be read. topic=%s offset=%d reason=\"%s\"",
                    record.topic(), record.offset(), e.getMessage());
            return Optional.empty();
        }
    }
}
