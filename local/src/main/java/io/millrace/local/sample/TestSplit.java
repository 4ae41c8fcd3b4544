// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.sample;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The published test splits. */
public final class TestSplit {
    private static final int PATIENCE_MILLIS = 3_000;
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final TopicPartition PARTITION = new TopicPartition(Topic.TEST_BATCHES.name(), 0);

    private TestSplit() {}

    /**
     * The first batch of a data set's test split; empty when it is not published, or the broker does not answer.
     *
     * @param bootstrapServers {@code host:port} of the broker
     * @param datasetDigest names the data set
     */
    public static Optional<ImageBatch> firstBatch(String bootstrapServers, String datasetDigest) {
        try (Consumer<String, byte[]> consumer = consumer(bootstrapServers)) {
            return firstBatch(consumer, datasetDigest, LONGEST);
        } catch (KafkaException | MalformedBatchException e) {
            // A picture to play with is not worth more than this attempt.
            return Optional.empty();
        }
    }

    /** The same, from a consumer that may fall silent in between. */
    static Optional<ImageBatch> firstBatch(Consumer<String, byte[]> consumer, String datasetDigest, Duration longest)
            throws MalformedBatchException {
        if (consumer.partitionsFor(PARTITION.topic()).isEmpty()) {
            return Optional.empty();
        }
        consumer.assign(List.of(PARTITION));
        consumer.seekToBeginning(List.of(PARTITION));
        long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
        long deadline = System.nanoTime() + longest.toNanos();
        while (consumer.position(PARTITION) < end && System.nanoTime() < deadline) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                if (datasetDigest.equals(record.key())) {
                    return Optional.of(BatchCodec.decode(ByteBuffer.wrap(record.value())));
                }
            }
        }
        return Optional.empty();
    }

    private static Consumer<String, byte[]> consumer(String bootstrapServers) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Topic.MAX_RECORD_BYTES);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }
}
