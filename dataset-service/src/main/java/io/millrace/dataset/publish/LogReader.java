// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchId;
import io.millrace.kafka.Clients;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.Replay;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads back what is in the log: the truth about what has been published. Only committed records count. All of it may
 * throw a KafkaException when the broker does not answer. Not thread-safe.
 */
final class LogReader implements AutoCloseable {
    /** Records at the end of a partition to look at first; more are read when all of them are aborted ones. */
    private static final int FIRST_WINDOW = 16;

    private final KafkaConsumer<String, byte[]> consumer;

    LogReader(String bootstrapServers) {
        this.consumer = Clients.consumer(bootstrapServers, Map.of());
    }

    /** The last training batch of shard 0; steps are written as a whole, so it speaks for all shards. */
    Optional<BatchId> lastTrained() {
        TopicPartition partition = new TopicPartition(Topic.BATCHES.name(), 0);
        consumer.assign(List.of(partition));
        long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        for (long window = FIRST_WINDOW; ; window *= 4) {
            long from = Math.max(begin, end - window);
            BatchId[] last = new BatchId[1];
            Replay.each(consumer, partition, from, record -> id(record).ifPresent(id -> last[0] = id));
            if (last[0] != null || from == begin) {
                return Optional.ofNullable(last[0]);
            }
        }
    }

    /** The last batch of every run that has one in the log of shard 0. Reads all of it. */
    Map<String, BatchId> lastTrainedByRun() {
        TopicPartition partition = new TopicPartition(Topic.BATCHES.name(), 0);
        Map<String, BatchId> last = new HashMap<>();
        Replay.each(consumer, partition, 0, record -> id(record).ifPresent(id -> last.put(id.owner(), id)));
        return last;
    }

    /** Fills a backlog with what lies behind the trainers' position. */
    void fill(Backlog backlog, Map<Integer, Long> next) {
        int partitions = consumer.partitionsFor(Topic.BATCHES.name()).size();
        for (int k = 0; k < partitions; k++) {
            int partition = k;
            Replay.each(
                    consumer,
                    new TopicPartition(Topic.BATCHES.name(), partition),
                    next.getOrDefault(partition, 0L),
                    record -> backlog.published(partition, record.key(), record.offset(), size(record)));
        }
    }

    /** By data-set digest, the indices of the test batches that are there. */
    Map<String, BitSet> testBatches() {
        Map<String, BitSet> indices = new HashMap<>();
        Replay.each(consumer, new TopicPartition(Topic.TEST_BATCHES.name(), 0), 0, record -> id(record)
                .ifPresent(id ->
                        indices.computeIfAbsent(id.owner(), any -> new BitSet()).set(id.index())));
        return indices;
    }

    /** 0 for a record without a value, which nobody here writes, but others may. */
    private static int size(ConsumerRecord<String, byte[]> record) {
        return record.value() == null ? 0 : record.value().length;
    }

    private static Optional<BatchId> id(ConsumerRecord<String, byte[]> record) {
        return CloudEventHeaders.get(record.headers(), CloudEvent.ID).flatMap(BatchId::parse);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
