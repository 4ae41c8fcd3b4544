// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.serve;

import io.millrace.contracts.Topic;
import io.millrace.kafka.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** What is promoted, as the broker has it. */
public final class Promotions {
    private static final Map<String, Integer> IMPATIENT = Map.of(
            ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000, ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    private static final TopicPartition PARTITION = new TopicPartition(Topic.PROMOTIONS.name(), 0);

    private Promotions() {}

    /**
     * The names of the models that something is promoted as.
     *
     * @throws KafkaException when the broker does not answer
     */
    public static SortedSet<String> models(KafkaConnection kafka) {
        SortedSet<String> models = new TreeSet<>();
        try (Consumer<String, byte[]> consumer = kafka.consumer(IMPATIENT)) {
            if (consumer.partitionsFor(PARTITION.topic()).isEmpty()) {
                return models;
            }
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            while (consumer.position(PARTITION) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.value() == null) {
                        models.remove(record.key());
                    } else {
                        models.add(record.key());
                    }
                }
            }
        }
        return models;
    }
}
