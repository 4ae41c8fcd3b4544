// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.run.RunEvents;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Refusal;
import io.millrace.kafka.TopicAdmin;
import io.quarkus.logging.Log;
import io.smallrye.mutiny.TimeoutException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * What removed runs left in tables: the points of their curves and, deleted last, their status, by which whoever dies in
 * between knows that something is left. Confined to one thread.
 */
final class Leftovers {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration REPLAY = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofSeconds(30);

    private final KafkaConnection connection;
    private final RunEvents events;
    private final RunRegistry registry;
    /** When it failed last, by the clock of nanoTime; null where it did not. */
    private Long failedNanos;

    Leftovers(KafkaConnection connection, RunEvents events, RunRegistry registry) {
        this.connection = connection;
        this.events = events;
        this.registry = registry;
    }

    /** Deletes what there is. */
    void delete() {
        List<RunSpec> runs = registry.leftovers();
        if (runs.isEmpty() || failedNanos != null && System.nanoTime() - failedNanos < RETRY.toNanos()) {
            return;
        }
        try {
            List<String> points = points(runs.stream().map(RunSpec::incarnation).toList());
            events.delete(Topic.METRICS, points);
            events.delete(Topic.RUN_STATUS, runs.stream().map(RunSpec::runId).toList());
            events.catchUp(REPLAY);
            failedNanos = null;
            Log.infof(
                    "What removed runs left is deleted. runIds=%s points=%d",
                    runs.stream().map(RunSpec::runId).toList(), points.size());
        } catch (KafkaException | TimeoutException e) {
            failedNanos = System.nanoTime();
            // It takes up room and does no harm.
            Log.warnf(
                    "What removed runs left could not be deleted; it is tried again. reason=\"%s\"",
                    e instanceof KafkaException refused ? Refusal.of(refused).orElse(e.getMessage()) : e);
        }
    }

    /** The keys of the points of runs. */
    private List<String> points(List<String> incarnations) {
        TopicAdmin.ensure(connection, List.of(Topic.METRICS));
        TopicPartition topic = new TopicPartition(Topic.METRICS.name(), 0);
        Set<String> keys = new LinkedHashSet<>();
        try (KafkaConsumer<String, byte[]> consumer = connection.consumer(Map.of())) {
            consumer.assign(List.of(topic));
            consumer.seekToBeginning(List.of(topic));
            long end = consumer.endOffsets(List.of(topic)).get(topic);
            while (consumer.position(topic) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    String key = record.key();
                    if (key != null && incarnations.stream().anyMatch(run -> key.startsWith(run + '/'))) {
                        if (record.value() == null) {
                            keys.remove(key);
                        } else {
                            keys.add(key);
                        }
                    }
                }
            }
        }
        return List.copyOf(keys);
    }
}
