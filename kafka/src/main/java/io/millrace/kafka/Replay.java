// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads what is in a partition. */
public final class Replay {
    private static final Duration POLL = Duration.ofMillis(200);
    /** How long the broker may bring nothing new. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Replay() {}

    /**
     * Hands over every record from an offset to where the partition ended when the call began.
     *
     * @param consumer is assigned the partition; only committed records come if it is set so
     * @throws org.apache.kafka.common.KafkaException when the broker does not answer, or brings nothing new for 30 s
     */
    public static void each(
            org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer,
            TopicPartition partition,
            long from,
            Consumer<ConsumerRecord<String, byte[]>> each) {
        each(consumer, partition, from, each, PATIENCE);
    }

    static void each(
            org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer,
            TopicPartition partition,
            long from,
            Consumer<ConsumerRecord<String, byte[]>> each,
            Duration patience) {
        consumer.assign(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
        consumer.seek(partition, Math.max(begin, from));
        long position = consumer.position(partition);
        long since = System.nanoTime();
        while (position < end) {
            consumer.poll(POLL).forEach(each);
            long next = consumer.position(partition);
            if (next > position) {
                position = next;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > patience.toNanos()) {
                throw new TimeoutException("nothing came of " + partition + " from offset " + position + " to " + end
                        + " for " + patience.toSeconds() + " s");
            }
        }
    }
}
