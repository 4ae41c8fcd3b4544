// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Keyed;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Says what services say of a run: 100 steps of 32 images. */
final class Events implements AutoCloseable {
    static final int STEPS = 100;
    private static final Instant BEGIN = Instant.parse("2026-11-20T20:45:00Z");

    private final KafkaProducer<String, byte[]> producer;

    Events(KafkaConnection connection) {
        TopicAdmin.ensure(
                connection, List.of(Topic.RUNS, Topic.RUN_STATUS, Topic.METRICS, Topic.EVALUATIONS, Topic.PROMOTIONS));
        producer = connection.producer(Map.of());
    }

    RunSpec ordered(String runId, double learningRate) throws Exception {
        RunSpec run =
                EventCodec.decode("""
                {"runId": "%s", "createdAt": "%s", "model": "digits",
                 "dataset": {"name": "digits", "digest": "d", "trainSamples": 3200, "testSamples": 100,
                   "channels": 1, "height": 28, "width": 28, "classes": ["0", "1"],
                   "normalization": {"scale": [0.0127], "zeroPoint": [33.3]}},
                 "network": {"name": "resnet18", "stem": "imagenet", "inputChannels": 1, "classes": 2},
                 "recipe": {"name": "quick", "description": "one epoch", "epochs": 1, "batchSize": 32,
                   "optimizer": {"momentum": 0.9, "nesterov": true, "weightDecay": 0.0005},
                   "schedule": {"kind": "one-cycle", "learningRate": %s, "warmupFraction": 0.25},
                   "labelSmoothing": 0.1, "augmentation": {"shift": 0},
                   "precision": "auto", "channelsLast": true, "checkpointEverySteps": 0},
                 "shards": 1, "seed": 1, "batchesPerEpoch": 100}
                """.formatted(runId, BEGIN, learningRate).getBytes(), RunSpec.class);
        send(Topic.RUNS, run);
        return run;
    }

    void status(String runId, RunStatus.State state, long step) {
        send(
                Topic.RUN_STATUS,
                new RunStatus(
                        runId,
                        state,
                        null,
                        step,
                        STEPS,
                        1,
                        1,
                        32 * step,
                        0,
                        1,
                        1_000,
                        0.01,
                        0.5,
                        0L,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        Instant.now()));
    }

    void point(RunSpec run, long step) {
        send(
                Topic.METRICS,
                new MetricPoint(
                        run.runId(),
                        run.incarnation(),
                        step,
                        1,
                        32 * step,
                        1.0 / step,
                        1 - 1.0 / step,
                        0.1,
                        1_000,
                        0,
                        1,
                        0,
                        null,
                        null,
                        BEGIN));
    }

    /** A checkpoint of a run was scored, and is served under the run's name for models, pinned. */
    void promoted(RunSpec run, long step, double accuracy) {
        promoted(run, step, accuracy, true);
    }

    void promoted(RunSpec run, long step, double accuracy, boolean pinned) {
        CheckpointRef checkpoint = new CheckpointRef(
                CheckpointRef.id(run.incarnation(), step), run.runId(), run.incarnation() + "/step", "00", 1);
        EvaluationCompleted score = new EvaluationCompleted(
                checkpoint,
                run.model(),
                "d",
                null,
                null,
                step,
                1,
                false,
                100,
                accuracy,
                0.1,
                0.01,
                List.of(),
                List.of(),
                1,
                null,
                Instant.now());
        send(Topic.EVALUATIONS, checkpoint.checkpointId(), EventCodec.encode(score));
        ModelPromoted promotion = new ModelPromoted(
                run.model(), checkpoint, score, null, ModelPromoted.Cause.MANUAL, pinned, Instant.now());
        send(Topic.PROMOTIONS, run.model(), EventCodec.encode(promotion));
    }

    /** Deletes a key. */
    void forget(Topic topic, String key) {
        send(topic, key, null);
    }

    private void send(Topic topic, Keyed event) {
        send(topic, event.key(), EventCodec.encode(event));
    }

    private void send(Topic topic, String key, byte[] value) {
        CloudEvent event = CloudEvent.of(topic, UUID.randomUUID().toString(), "/test");
        try {
            producer.send(new ProducerRecord<>(topic.name(), null, key, value, CloudEventHeaders.of(event)))
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
