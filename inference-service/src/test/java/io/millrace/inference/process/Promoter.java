// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.process;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.awaitility.Awaitility;

/** Says which checkpoint is to be served, as the evaluator-service does. */
final class Promoter implements AutoCloseable {
    static final double ACCURACY = 0.9876;

    private final KafkaConnection connection;
    private final KafkaProducer<String, byte[]> producer;

    Promoter(String bootstrapServers) {
        this.connection = KafkaConnection.of(bootstrapServers);
        TopicAdmin.ensure(connection, List.of(Topic.PROMOTIONS));
        this.producer = connection.producer(Map.of());
    }

    void promote(String model, CheckpointRef checkpoint) {
        EvaluationCompleted evaluation = new EvaluationCompleted(
                checkpoint,
                model,
                "d",
                null,
                null,
                1,
                1,
                false,
                10_000,
                ACCURACY,
                0.1,
                0.01,
                List.of(),
                List.of(),
                1,
                null,
                Instant.now());
        send(
                model,
                EventCodec.encode(new ModelPromoted(
                        model, checkpoint, evaluation, null, ModelPromoted.Cause.BEST, false, Instant.now())));
    }

    /** Any value at all; null deletes. */
    void send(String model, byte[] value) {
        CloudEvent event = CloudEvent.of(Topic.PROMOTIONS, UUID.randomUUID().toString(), "/evaluator-service");
        try {
            producer.send(new ProducerRecord<>(
                            Topic.PROMOTIONS.name(), null, model, value, CloudEventHeaders.of(event)))
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Deletes the topic and makes it anew, empty. */
    void makeTopicAnew() throws Exception {
        try (Admin admin = connection.admin("test")) {
            admin.deleteTopics(List.of(Topic.PROMOTIONS.name())).all().get();
        }
        Awaitility.await().ignoreExceptionsInstanceOf(KafkaException.class).until(() -> {
            TopicAdmin.ensure(connection, List.of(Topic.PROMOTIONS));
            return true;
        });
    }

    @Override
    public void close() {
        producer.close();
    }
}
