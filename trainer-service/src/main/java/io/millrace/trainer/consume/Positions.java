// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/** Where reading begins. */
final class Positions {
    /** Clocks of the broker's clients may differ; a run's first batch is looked for from so long before its creation. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private Positions() {}

    /**
     * Of a run that has no checkpoint: where its creation lies in the log, or further back where records lie that no run
     * has looked at yet.
     */
    static Map<TopicPartition, Long> fresh(
            KafkaConsumer<?, ?> consumer,
            Set<TopicPartition> partitions,
            Instant createdAt,
            Map<TopicPartition, Long> committed) {
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(
                partition -> times.put(partition, createdAt.minus(MARGIN).toEpochMilli()));
        Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
        Map<TopicPartition, Long> positions = new HashMap<>();
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp hit = found.get(partition);
            // Nothing is that young: then its first batch will be the next record.
            long byTime = hit == null ? end.get(partition) : hit.offset();
            long unseen = committed.getOrDefault(partition, 0L);
            positions.put(partition, Math.max(begin.get(partition), Math.min(byTime, unseen)));
        }
        return positions;
    }

    /**
     * Of a run that goes on.
     *
     * @throws RunFailedException when the log does not hold these positions (any more)
     */
    static void check(KafkaConsumer<?, ?> consumer, Map<TopicPartition, Long> positions) throws RunFailedException {
        Map<TopicPartition, Long> begin = consumer.beginningOffsets(positions.keySet());
        Map<TopicPartition, Long> end = consumer.endOffsets(positions.keySet());
        for (Map.Entry<TopicPartition, Long> position : positions.entrySet()) {
            TopicPartition partition = position.getKey();
            if (position.getValue() < begin.get(partition)) {
                throw truncated(partition, position.getValue(), begin.get(partition));
            }
            if (position.getValue() > end.get(partition)) {
                throw new RunFailedException(partition.topic() + " ends at offset " + end.get(partition)
                        + " in partition " + partition.partition() + ", before the run's position "
                        + position.getValue() + ": the topic was created anew; start the run again");
            }
        }
    }

    /** The batches that come next were deleted by the broker. */
    private static RunFailedException truncated(TopicPartition partition, long position, long begin) {
        return new RunFailedException("batches from offset " + position + " of partition " + partition.partition()
                + " are gone, " + partition.topic() + " begins at " + begin
                + ": the broker's retention deleted them before they were trained; raise retention.bytes or"
                + " retention.ms of the topic and start the run again");
    }

    /** By partition, the group's committed positions; none where it has none. */
    static Map<TopicPartition, Long> committed(KafkaConsumer<?, ?> consumer, Set<TopicPartition> partitions) {
        Map<TopicPartition, Long> committed = new HashMap<>();
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        for (Map.Entry<TopicPartition, OffsetAndMetadata> entry :
                consumer.committed(partitions).entrySet()) {
            // A position past the end is of a topic that was there before this one.
            if (entry.getValue() != null && entry.getValue().offset() <= end.get(entry.getKey())) {
                committed.put(entry.getKey(), entry.getValue().offset());
            }
        }
        return committed;
    }
}
