// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Replay;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads back what is in the logs: the truth about what has been published. Only committed records count, and only those
 * that this service wrote: others may have written to a topic, too. All of it may throw a KafkaException when the broker
 * does not answer. Not thread-safe.
 */
final class LogReader implements AutoCloseable {
    /** Records at the end of a partition to look at first; more are read when all of them are aborted or foreign ones. */
    private static final int FIRST_WINDOW = 16;

    /** A question waits at the broker behind the fetch of the partition before, which has ended. */
    private static final int FETCH_WAIT_MS = 5;

    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<String, byte[]> consumer;

    LogReader(KafkaConnection connection) {
        this.consumer = connection.consumer(Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS));
    }

    /**
     * Steps of a run that are in its log.
     *
     * @param first the first one of which every shard's batch is there
     * @param next the one after the last
     */
    record Steps(long first, long next) {}

    /** The steps of a run that its log holds; empty when there are none. */
    Optional<Steps> steps(RunSpec run, Topic topic) {
        long first = 0;
        long next = 0;
        boolean gap = false;
        for (int shard = 0; shard < run.shards(); shard++) {
            TopicPartition partition = new TopicPartition(topic.name(), shard);
            OptionalLong last = last(run, partition);
            if (last.isPresent()) {
                next = Math.max(next, last.getAsLong() + 1);
                first = Math.max(first, first(run, partition).orElse(last.getAsLong()));
            } else {
                gap = true;
            }
        }
        return next == 0 ? Optional.empty() : Optional.of(new Steps(gap ? next : first, next));
    }

    private OptionalLong first(RunSpec run, TopicPartition partition) {
        long end = assign(partition);
        consumer.seekToBeginning(List.of(partition));
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                OptionalLong step = step(run, record);
                if (step.isPresent()) {
                    return step;
                }
            }
        }
        return OptionalLong.empty();
    }

    private OptionalLong last(RunSpec run, TopicPartition partition) {
        long end = assign(partition);
        long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
        OptionalLong[] last = {OptionalLong.empty()};
        for (long window = FIRST_WINDOW; last[0].isEmpty() && end > begin; window *= 4) {
            Replay.each(consumer, partition, Math.max(begin, end - window), record -> {
                OptionalLong step = step(run, record);
                last[0] = step.isPresent() ? step : last[0];
            });
            if (end - window <= begin) {
                break;
            }
        }
        return last[0];
    }

    private long assign(TopicPartition partition) {
        consumer.assign(List.of(partition));
        return consumer.endOffsets(List.of(partition)).get(partition);
    }

    private static OptionalLong step(RunSpec run, ConsumerRecord<String, byte[]> record) {
        return id(record)
                .filter(id -> id.owner().equals(run.incarnation())
                        && id.split() == Split.TRAIN
                        && id.shard() == record.partition()
                        && id.index() < run.batchesPerEpoch()
                        && id.epoch() < run.epochs())
                .map(id -> OptionalLong.of(id.step(run.batchesPerEpoch())))
                .orElse(OptionalLong.empty());
    }

    /** By the digest of the split, the indices of the batches of test and validation splits that are there. */
    Map<String, BitSet> testBatches() {
        Map<String, BitSet> indices = new HashMap<>();
        Replay.each(consumer, new TopicPartition(Topic.TEST_BATCHES.name(), 0), 0, record -> id(record)
                .filter(id -> id.split() == Split.TEST)
                .ifPresent(id ->
                        indices.computeIfAbsent(id.owner(), any -> new BitSet()).set(id.index())));
        return indices;
    }

    private static Optional<BatchId> id(ConsumerRecord<String, byte[]> record) {
        return CloudEventHeaders.get(record.headers(), CloudEvent.ID).flatMap(BatchId::parse);
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
