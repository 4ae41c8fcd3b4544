// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.sample;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.kafka.KafkaConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The published test splits. */
public final class TestBatches {
    private static final Map<String, Integer> IMPATIENT = Map.of(
            ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 3_000, ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final TopicPartition PARTITION = new TopicPartition(Topic.TEST_BATCHES.name(), 0);

    private TestBatches() {}

    /**
     * The first batch of a data set's test split, or a part of it; empty when it is not published, or the broker does not
     * answer.
     *
     * @param datasetDigest names the data set
     */
    public static Optional<ImageBatch> first(KafkaConnection kafka, String datasetDigest) {
        try (Consumer<String, byte[]> consumer = kafka.consumer(IMPATIENT)) {
            return first(consumer, datasetDigest, LONGEST);
        } catch (KafkaException | MalformedBatchException e) {
            // A picture to play with is not worth more than this attempt.
            return Optional.empty();
        }
    }

    /** The same, from a consumer that may fall silent in between. */
    static Optional<ImageBatch> first(Consumer<String, byte[]> consumer, String datasetDigest, Duration longest)
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
}
