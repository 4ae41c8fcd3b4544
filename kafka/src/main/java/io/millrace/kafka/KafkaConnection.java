// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How Kafka is reached: everything under {@code kafka.*} (addresses, TLS, SASL, the lot), handed to every client that is
 * made here. Keys are strings, values bytes. Immutable.
 */
public final class KafkaConnection {
    private static final String VARIABLES = "KAFKA_";

    private final Map<String, Object> settings;

    private KafkaConnection(Map<String, ?> settings) {
        this.settings = Map.copyOf(settings);
    }

    /** With these settings of Kafka's clients, by their own names. */
    public static KafkaConnection of(Map<String, ?> settings) {
        return new KafkaConnection(settings);
    }

    /**
     * With what a process is told by its environment, {@code KAFKA_*} as {@code kafka.*}, for whoever has no configuration.
     *
     * @param environment of the process
     * @param bootstrapServers win over it
     */
    public static KafkaConnection of(Map<String, String> environment, String bootstrapServers) {
        Map<String, String> all = settings(environment);
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return of(all);
    }

    /** What an environment says of Kafka's clients, by their own names. */
    public static Map<String, String> settings(Map<String, String> environment) {
        Map<String, String> settings = new HashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(VARIABLES)) {
                settings.put(
                        name.substring(VARIABLES.length())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '.'),
                        value);
            }
        });
        return settings;
    }

    /** A plain one, without TLS or SASL. */
    public static KafkaConnection of(String bootstrapServers) {
        return of(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /** {@code host:port,…}, for messages. */
    public String bootstrapServers() {
        return String.valueOf(settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    }

    /**
     * A consumer that is assigned its partitions and seeks by itself: no group membership, no automatic commit, nothing
     * of an aborted transaction.
     *
     * @param overrides further settings; they win
     */
    public KafkaConsumer<String, byte[]> consumer(Map<String, ?> overrides) {
        Map<String, Object> all = common();
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.putAll(overrides);
        return made(() -> new KafkaConsumer<>(all, new StringDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * A producer that waits for all replicas and writes nothing twice.
     *
     * @param overrides further settings; they win
     */
    public KafkaProducer<String, byte[]> producer(Map<String, ?> overrides) {
        Map<String, Object> all = common();
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        all.putAll(overrides);
        return made(() -> new KafkaProducer<>(all, new StringSerializer(), new ByteArraySerializer()));
    }

    /**
     * An admin client.
     *
     * @param clientId its name in the broker's logs and metrics
     */
    public Admin admin(String clientId) {
        Map<String, Object> all = common();
        all.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        return made(() -> Admin.create(all));
    }

    /** What keeps a client from being made stands deep in its exception, and is a setting, or what one names. */
    private static <T> T made(Supplier<T> client) {
        try {
            return client.get();
        } catch (ConfigException e) {
            throw e;
        } catch (KafkaException e) {
            String why = Stream.<Throwable>iterate(e.getCause(), Objects::nonNull, Throwable::getCause)
                    .map(Throwable::getMessage)
                    .filter(Objects::nonNull)
                    .distinct()
                    .collect(Collectors.joining(": "));
            ConfigException told = new ConfigException(why.isEmpty() ? e.getMessage() : why);
            told.initCause(e);
            throw told;
        }
    }

    /** What every client gets: back off from an unreachable broker up to a few seconds, never give up quietly. */
    private Map<String, Object> common() {
        Map<String, Object> all = new HashMap<>();
        all.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 100);
        all.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 5_000);
        all.putAll(settings);
        return all;
    }
}
