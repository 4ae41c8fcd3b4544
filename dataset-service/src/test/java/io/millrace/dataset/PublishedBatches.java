// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** What lies in the topics, as a trainer or evaluator would read it. */
public final class PublishedBatches {
    private final KafkaConnection connection;

    public PublishedBatches(String bootstrapServers) {
        this.connection = KafkaConnection.of(bootstrapServers);
    }

    /** All committed records of a partition, in order. */
    public List<ConsumerRecord<String, byte[]>> read(Topic topic, int partition) {
        TopicPartition source = new TopicPartition(topic.name(), partition);
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = connection.consumer(Map.of())) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            long end = consumer.endOffsets(List.of(source)).get(source);
            while (consumer.position(source) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    /** The records of one key, decoded. */
    public List<ImageBatch> read(Topic topic, int partition, String key) {
        return read(topic, partition).stream()
                .filter(record -> key.equals(record.key()))
                .map(PublishedBatches::decode)
                .toList();
    }

    /** The steps that a run's log holds for a shard, in their order. */
    public List<Long> steps(RunSpec run, int shard) {
        return read(Topic.batches(run.incarnation()), shard, run.incarnation()).stream()
                .map(batch -> batch.id().step(run.batchesPerEpoch()))
                .toList();
    }

    /** Waits until a partition is at least so long, for a reader of committed records. */
    public void awaitEnd(Topic topic, int partition, long atLeast) {
        TopicPartition source = new TopicPartition(topic.name(), partition);
        try (KafkaConsumer<String, byte[]> consumer = connection.consumer(Map.of())) {
            await().pollInSameThread()
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> consumer.endOffsets(List.of(source)).get(source) >= atLeast);
        }
    }

    public static ImageBatch decode(ConsumerRecord<String, byte[]> record) {
        try {
            return BatchCodec.decode(ByteBuffer.wrap(record.value()));
        } catch (MalformedBatchException e) {
            throw new IllegalStateException(e);
        }
    }
}
