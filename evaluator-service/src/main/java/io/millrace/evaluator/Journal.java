// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.PromotionLog;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.kafka.Clients;
import io.millrace.kafka.EventMessages;
import io.quarkus.logging.Log;
import io.smallrye.reactive.messaging.MutinyEmitter;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * The evaluations and the promotions: written to their topics, and known only from there. What this process wrote comes
 * back to it the way it reaches everybody else, so a second process (a rolling update) never decides on an old picture
 * once it has caught up. Thread-safe.
 */
@Singleton
public class Journal implements PromotionLog {
    static final String SOURCE = "/evaluator-service";

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final TopicPartition EVALUATIONS = new TopicPartition(Topic.EVALUATIONS.name(), 0);
    private static final TopicPartition PROMOTIONS = new TopicPartition(Topic.PROMOTIONS.name(), 0);
    private static final List<TopicPartition> BOTH = List.of(EVALUATIONS, PROMOTIONS);

    private final String bootstrapServers;
    private final Leaderboard leaderboard;
    private final Promotions promotions;
    private final MutinyEmitter<byte[]> evaluationsOut;
    private final MutinyEmitter<byte[]> promotionsOut;
    private volatile KafkaConsumer<String, byte[]> consumer;

    Journal(
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers,
            Leaderboard leaderboard,
            Promotions promotions,
            @Channel("evaluations") MutinyEmitter<byte[]> evaluationsOut,
            @Channel("promotions") MutinyEmitter<byte[]> promotionsOut) {
        this.bootstrapServers = bootstrapServers;
        this.leaderboard = leaderboard;
        this.promotions = promotions;
        this.evaluationsOut = evaluationsOut;
        this.promotionsOut = promotionsOut;
    }

    @Override
    public synchronized void catchUp() {
        if (consumer == null) {
            consumer = Clients.consumer(bootstrapServers, Map.of());
            consumer.assign(BOTH);
            consumer.seekToBeginning(BOTH);
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(BOTH, PATIENCE);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (BOTH.stream().anyMatch(topic -> consumer.position(topic, PATIENCE) < ends.get(topic))) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                apply(record);
                deadline = System.nanoTime() + PATIENCE.toNanos();
            }
            if (System.nanoTime() > deadline) {
                throw new KafkaException("the end of " + BOTH + " is not reached for " + PATIENCE);
            }
        }
    }

    private void apply(ConsumerRecord<String, byte[]> record) {
        try {
            if (record.topic().equals(Topic.EVALUATIONS.name())) {
                leaderboard.add(EventCodec.decode(record.value(), EvaluationCompleted.class));
            } else if (record.value() == null) {
                promotions.remove(record.key());
            } else {
                promotions.apply(EventCodec.decode(record.value(), ModelPromoted.class));
            }
        } catch (MalformedEventException | RuntimeException e) {
            // We wrote it ourselves; the one who broke it has to mend it, and the service must start all the same.
            Log.errorf(
                    "Passed over an event that cannot be read. topic=%s offset=%d reason=\"%s\"",
                    record.topic(), record.offset(), e.getMessage());
        }
    }

    /**
     * Writes an evaluation and returns when the broker has it and the leaderboard shows it.
     *
     * @throws KafkaException when the broker did not confirm; it may have it all the same
     */
    void append(EvaluationCompleted evaluation) {
        String id = evaluation.checkpoint().checkpointId();
        send(evaluationsOut, EventMessages.of(Topic.EVALUATIONS, id, id, SOURCE, evaluation));
    }

    @Override
    public void append(ModelPromoted promotion) {
        String id = UUID.randomUUID().toString();
        send(promotionsOut, EventMessages.of(Topic.PROMOTIONS, promotion.model(), id, SOURCE, promotion));
    }

    private void send(MutinyEmitter<byte[]> channel, Message<byte[]> message) {
        try {
            channel.sendMessageAndAwait(message);
        } catch (RuntimeException e) {
            throw new KafkaException("the broker did not confirm an event", e);
        }
        catchUp();
    }

    @PreDestroy
    void close() {
        KafkaConsumer<String, byte[]> opened = consumer;
        if (opened != null) {
            // Whoever waits for a broker that is away must not hold up the end.
            opened.wakeup();
            closeConsumer();
        }
    }

    private synchronized void closeConsumer() {
        consumer.close();
    }
}
