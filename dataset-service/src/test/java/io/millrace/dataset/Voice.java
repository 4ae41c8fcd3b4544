// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Says what a trainer would say of a run, and whatever else others might write into topics. */
final class Voice {
    private final KafkaConnection connection;
    private final PublishedBatches published;

    Voice(String bootstrapServers) {
        this.connection = KafkaConnection.of(bootstrapServers);
        this.published = new PublishedBatches(bootstrapServers);
    }

    /** A status. */
    static RunStatus status(String runId, RunStatus.State state, String reason, Long lacks) {
        return status(runId, state, reason, lacks, null);
    }

    private static RunStatus status(
            String runId, RunStatus.State state, String reason, Long lacks, String validationProblem) {
        return new RunStatus(
                runId,
                state,
                reason,
                1,
                1_000_000_000,
                1,
                9,
                20,
                0,
                1.5,
                13.3,
                0,
                2.3,
                0L,
                lacks,
                null,
                null,
                validationProblem,
                null,
                null,
                Instant.now());
    }

    void state(String runId, RunStatus.State state, String reason) {
        say(Topic.RUN_STATUS, runId, status(runId, state, reason, null));
    }

    /** The trainer waits for a step that is not in the log; null: it has it. */
    void lacks(String runId, Long step) {
        say(Topic.RUN_STATUS, runId, status(runId, RunStatus.State.RUNNING, null, step));
    }

    /** The trainer waits for the validation split. */
    void lacksValidation(String runId) {
        say(Topic.RUN_STATUS, runId, status(runId, RunStatus.State.RUNNING, null, null, "no batch of it is there"));
    }

    /** A checkpoint after a step, of a trainer that has read the log. */
    Position checkpoint(RunSpec run, long step) {
        return checkpoint(run, step, Map.of());
    }

    /** As {@link #checkpoint}, of a run in rounds: where in its log of deltas the next one begins. */
    Position checkpoint(RunSpec run, long step, Map<Integer, Long> deltas) {
        Map<Integer, OffsetRange> offsets = new TreeMap<>();
        for (int shard = 0; shard < run.shards(); shard++) {
            offsets.put(shard, new OffsetRange(0, offsetAfter(run, shard, step)));
        }
        Position position =
                new Position(step, step, 1, step, 0, offsets, Position.NO_BATCHES, 1, 0, 1).withDeltas(deltas);
        announce(run, position);
        return position;
    }

    void announce(RunSpec run, Position position) {
        String id = CheckpointRef.id(run.incarnation(), position.step());
        say(
                Topic.CHECKPOINTS,
                run.runId(),
                new CheckpointPublished(
                        new CheckpointRef(id, run.runId(), id, "00", 1),
                        run.model(),
                        run.dataset().digest(),
                        position,
                        new Compute(Precision.FP32, true, "cpu", 1, "a processor", "an engine"),
                        false,
                        null));
    }

    private long offsetAfter(RunSpec run, int shard, long step) {
        return published.read(Topic.batches(run.incarnation()), shard).stream()
                        .filter(record -> PublishedBatches.decode(record).id().step(run.batchesPerEpoch()) < step)
                        .collect(Collectors.maxBy(java.util.Comparator.comparingLong(ConsumerRecord::offset)))
                        .orElseThrow()
                        .offset()
                + 1;
    }

    /** The trainer has a point of a run's curves. */
    void point(RunSpec run, long step) {
        TopicAdmin.ensure(connection, List.of(Topic.METRICS));
        MetricPoint point = new MetricPoint(
                run.runId(),
                run.incarnation(),
                step,
                1,
                20,
                2.3,
                0.1,
                0.05,
                13.3,
                0,
                1.5,
                0,
                null,
                null,
                Instant.now());
        say(Topic.METRICS, point.key(), point);
    }

    /** The evaluator has promoted a checkpoint. */
    void promoted(String model, RunSpec run, long step) {
        String id = CheckpointRef.id(run.incarnation(), step);
        CheckpointRef ref =
                new CheckpointRef(id, run.runId(), run.incarnation() + "/step-" + step + "-00.safetensors", "00", 1);
        EvaluationCompleted evaluation = new EvaluationCompleted(
                ref,
                model,
                run.dataset().digest(),
                null,
                null,
                step,
                1,
                true,
                1,
                1,
                0,
                0,
                List.of(),
                List.of(),
                1,
                null,
                Instant.now());
        say(
                Topic.PROMOTIONS,
                model,
                new ModelPromoted(model, ref, evaluation, null, ModelPromoted.Cause.BEST, false, Instant.now()));
    }

    /** An event under a key; null: a deletion. */
    void say(Topic topic, String key, Object event) {
        write(topic, key, event == null ? null : EventCodec.encode(event));
    }

    void write(Topic topic, String key, byte[] value) {
        try (KafkaProducer<String, byte[]> producer = connection.producer(Map.of())) {
            CloudEvent event = CloudEvent.of(topic, key + "/1", "/trainer-service");
            producer.send(new ProducerRecord<>(topic.name(), 0, key, value, CloudEventHeaders.of(event)))
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
