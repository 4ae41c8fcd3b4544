// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.process;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.kafka.Clients;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.TopicAdmin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Says which checkpoint is to be served, as the evaluator-service does. */
final class Promoter implements AutoCloseable {
    static final double ACCURACY = 0.9876;

    private final KafkaProducer<String, byte[]> producer;

    Promoter(String bootstrapServers) {
        TopicAdmin.ensure(bootstrapServers, List.of(Topic.PROMOTIONS));
        this.producer = Clients.producer(bootstrapServers, Map.of());
    }

    void promote(String model, CheckpointRef checkpoint) {
        EvaluationCompleted evaluation = new EvaluationCompleted(
                checkpoint,
                model,
                "d",
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
                Instant.now());
        send(
                model,
                EventCodec.encode(new ModelPromoted(
                        model, checkpoint, evaluation, null, ModelPromoted.Cause.BEST, Instant.now())));
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

    @Override
    public void close() {
        producer.close();
    }
}
