// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Replay;
import io.millrace.kafka.TopicAdmin;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The other services' side of the topics. */
final class Topics implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final KafkaConnection connection;
    private final KafkaProducer<String, byte[]> producer;

    Topics(String bootstrapServers) {
        this.connection = KafkaConnection.of(bootstrapServers);
        this.producer = connection.producer(Map.of());
        TopicAdmin.ensure(
                connection,
                List.of(
                        Topic.CHECKPOINTS,
                        Topic.CHECKPOINTS.deadLetters(),
                        Topic.TEST_BATCHES,
                        Topic.TEST_BATCHES.deadLetters(),
                        Topic.EVALUATIONS,
                        Topic.PROMOTIONS));
    }

    void publish(List<ImageBatch> batches) throws Exception {
        for (ImageBatch batch : batches) {
            publish(Topic.TEST_BATCHES, batch.id().owner(), batch.id().toString(), BatchCodec.encode(batch));
        }
    }

    void publish(CheckpointPublished event) throws Exception {
        publish(
                Topic.CHECKPOINTS,
                event.checkpoint().runId(),
                event.checkpoint().checkpointId(),
                EventCodec.encode(event));
    }

    void publish(Topic topic, String key, String id, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(
                        topic.name(), null, key, value, CloudEventHeaders.of(CloudEvent.of(topic, id, "/test"))))
                .get();
    }

    /** The evaluations of a checkpoint, in the order of the log. */
    List<EvaluationCompleted> evaluations(String checkpointId) {
        return events(Topic.EVALUATIONS, checkpointId, EvaluationCompleted.class);
    }

    /** Whether the log says last that a checkpoint has no line any more. */
    boolean isWithdrawn(String checkpointId) {
        return last(records(Topic.EVALUATIONS, checkpointId))
                .filter(record -> record.value() == null)
                .isPresent();
    }

    EvaluationCompleted awaitEvaluation(CheckpointPublished checkpoint) {
        String id = checkpoint.checkpoint().checkpointId();
        await().atMost(PATIENCE).until(() -> !evaluations(id).isEmpty());
        return evaluations(id).get(0);
    }

    /** The promotions of a model, in the order of the log. */
    List<ModelPromoted> promotions(String model) {
        return events(Topic.PROMOTIONS, model, ModelPromoted.class);
    }

    /** Waits until the latest promotion of a model is of this checkpoint. */
    ModelPromoted awaitPromotion(CheckpointPublished checkpoint) {
        await().atMost(PATIENCE).until(() -> last(promotions(checkpoint.model()))
                .filter(promotion -> promotion.checkpoint().equals(checkpoint.checkpoint()))
                .isPresent());
        return last(promotions(checkpoint.model())).orElseThrow();
    }

    private static <T> Optional<T> last(List<T> list) {
        return list.isEmpty() ? Optional.empty() : Optional.of(list.get(list.size() - 1));
    }

    /** Waits for the dead letter with this key. */
    ConsumerRecord<String, byte[]> awaitDeadLetter(Topic source, String key) {
        List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            found.addAll(deadLetters(source, key));
            return !found.isEmpty();
        });
        return found.get(0);
    }

    List<ConsumerRecord<String, byte[]>> deadLetters(Topic source, String key) {
        return records(source.deadLetters(), key);
    }

    private <T> List<T> events(Topic topic, String key, Class<T> type) {
        return records(topic, key).stream()
                .map(record -> {
                    try {
                        return EventCodec.decode(record.value(), type);
                    } catch (MalformedEventException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
    }

    /** The records of a key that are in a topic now. */
    private List<ConsumerRecord<String, byte[]>> records(Topic topic, String key) {
        List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = connection.consumer(Map.of())) {
            Replay.each(consumer, new TopicPartition(topic.name(), 0), 0, found::add);
        }
        return found.stream().filter(record -> key.equals(record.key())).toList();
    }

    /** Deletes a topic and makes it anew, empty. */
    void makeAnew(Topic topic) throws Exception {
        try (Admin admin = connection.admin("test")) {
            admin.deleteTopics(List.of(topic.name())).all().get();
        }
        await().ignoreExceptionsInstanceOf(KafkaException.class).until(() -> {
            TopicAdmin.ensure(connection, List.of(topic));
            return true;
        });
    }

    static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    @Override
    public void close() {
        producer.close();
    }
}
