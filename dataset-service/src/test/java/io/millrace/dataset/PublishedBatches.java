// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.awaitility.Awaitility.await;

import io.millrace.contracts.ConsumerGroups;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.kafka.Clients;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What lies in the topics, as a trainer or evaluator would read it. */
public final class PublishedBatches {
    private final String bootstrapServers;

    public PublishedBatches(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    /** All committed records of a partition, in order. */
    public List<ConsumerRecord<String, byte[]>> read(Topic topic, int partition) {
        TopicPartition source = new TopicPartition(topic.name(), partition);
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = Clients.consumer(bootstrapServers, Map.of())) {
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

    /** Waits until a partition is at least so long, for a reader of committed records. */
    public void awaitEnd(Topic topic, int partition, long atLeast) {
        TopicPartition source = new TopicPartition(topic.name(), partition);
        try (KafkaConsumer<String, byte[]> consumer = Clients.consumer(bootstrapServers, Map.of())) {
            await().pollInSameThread()
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> consumer.endOffsets(List.of(source)).get(source) >= atLeast);
        }
    }

    /** Commits a position as the trainer-service would. */
    public void commit(int partition, long offset) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.alterConsumerGroupOffsets(
                            ConsumerGroups.TRAINER,
                            Map.of(new TopicPartition(Topic.BATCHES.name(), partition), new OffsetAndMetadata(offset)))
                    .all()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
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
