// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.millrace.contracts.Topic;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Plain clients with the settings that all of Millrace shares: string keys, byte values, records of up to 16 MiB. */
public final class Clients {
    private Clients() {}

    /**
     * A consumer that is assigned its partitions and seeks by itself: no group membership, no automatic commit, nothing
     * of an aborted transaction.
     *
     * @param bootstrapServers {@code host:port,…}
     * @param overrides further settings; they win
     */
    public static KafkaConsumer<String, byte[]> consumer(String bootstrapServers, Map<String, ?> overrides) {
        Map<String, Object> settings = common(bootstrapServers);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Topic.MAX_RECORD_BYTES);
        settings.putAll(overrides);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * A producer that waits for all replicas and writes nothing twice.
     *
     * @param bootstrapServers {@code host:port,…}
     * @param overrides further settings; they win
     */
    public static KafkaProducer<String, byte[]> producer(String bootstrapServers, Map<String, ?> overrides) {
        Map<String, Object> settings = common(bootstrapServers);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topic.MAX_RECORD_BYTES);
        settings.putAll(overrides);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /** An admin client. */
    public static Admin admin(String bootstrapServers) {
        return Admin.create(common(bootstrapServers));
    }

    /** What every client gets: back off from an unreachable broker up to a few seconds, never give up quietly. */
    static Map<String, Object> common(String bootstrapServers) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 100);
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 5_000);
        return settings;
    }
}
