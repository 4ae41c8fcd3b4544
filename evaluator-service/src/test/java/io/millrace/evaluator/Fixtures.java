// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.Validated;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What several tests talk about. */
public final class Fixtures {
    public static final String MODEL = "mnist";
    public static final String DIGEST = "digest-1";
    public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    public static final Normalization NORMALIZATION = Normalization.ofMeanStd(List.of(0.5), List.of(0.25));

    public static final Compute COMPUTE = new Compute(Precision.FP32, true, "cpu", 2, "a processor", "an engine");

    public static final ImageShape INPUT = new ImageShape(1, 28, 28);

    private static final int SAMPLES = 1000;

    private Fixtures() {}

    public static CheckpointRef checkpoint(String runId, long step) {
        String id = CheckpointRef.id(runId, step);
        return new CheckpointRef(id, runId, runId + "/step-" + step + "-0123456789ab.safetensors", "sha-of-" + id, 100);
    }

    /** The average beside {@link #checkpoint}. */
    public static CheckpointRef average(String runId, long step) {
        String id = CheckpointRef.averageId(runId, step);
        String uri = runId + "/step-" + step + "-ba9876543210.average.safetensors";
        return new CheckpointRef(id, runId, uri, "sha-of-" + id, 100, true);
    }

    /** An announcement of a checkpoint that was made after a step. */
    public static CheckpointPublished announcement(CheckpointRef checkpoint, String model, String digest, long step) {
        return new CheckpointPublished(checkpoint, model, digest, position(step), COMPUTE, false, null);
    }

    /** After a step in the second epoch. */
    public static Position position(long step) {
        return new Position(
                step, step, 2, step * 4, 0, Map.of(0, new OffsetRange(0, step)), Position.NO_BATCHES, 1, 0, 0.5);
    }

    /** An evaluation of {@link #MODEL} on {@link #DIGEST}, made {@code step} seconds after noon. */
    public static EvaluationCompleted evaluation(String runId, long step, double accuracy, double loss) {
        return evaluation(checkpoint(runId, step), MODEL, DIGEST, step, accuracy, loss, NOON.plusSeconds(step));
    }

    /** That of {@link #average}, made at the same time. */
    public static EvaluationCompleted evaluationOfAverage(String runId, long step, double accuracy, double loss) {
        return evaluation(average(runId, step), MODEL, DIGEST, step, accuracy, loss, NOON.plusSeconds(step));
    }

    /** As {@link #evaluation}, of a run that stops early. */
    public static EvaluationCompleted evaluation(String runId, long step, double accuracy, boolean best) {
        Validated validated = new Validated((int) step, step, 0.5, 0.5, best, null, null);
        return evaluation(
                checkpoint(runId, step), MODEL, DIGEST, step, accuracy, 0.1, validated, NOON.plusSeconds(step));
    }

    public static EvaluationCompleted evaluation(
            CheckpointRef checkpoint,
            String model,
            String digest,
            long step,
            double accuracy,
            double loss,
            Instant evaluatedAt) {
        return evaluation(checkpoint, model, digest, step, accuracy, loss, null, evaluatedAt);
    }

    private static EvaluationCompleted evaluation(
            CheckpointRef checkpoint,
            String model,
            String digest,
            long step,
            double accuracy,
            double loss,
            Validated validated,
            Instant evaluatedAt) {
        return new EvaluationCompleted(
                checkpoint,
                model,
                digest,
                null,
                INPUT,
                step,
                1,
                false,
                SAMPLES,
                accuracy,
                loss,
                0.1,
                List.of(new ClassScore("0", 1, 1, 1, SAMPLES / 2), new ClassScore("1", 1, 1, 1, SAMPLES / 2)),
                List.of(List.of(SAMPLES / 2, 0), List.of(0, SAMPLES / 2)),
                0.5,
                validated,
                evaluatedAt);
    }

    /** A run of {@link #MODEL} that was ordered so many seconds after noon. */
    public static RunSpec run(String runId, long seconds) {
        return new RunSpec(
                runId,
                NOON.plusSeconds(seconds),
                MODEL,
                new Dataset(MODEL, DIGEST, 100, SAMPLES, 1, 28, 28, List.of("0", "1"), NORMALIZATION),
                new Network("resnet18", Network.Stem.IMAGENET, 1, 2),
                Recipes.named("quick"),
                1,
                1,
                10,
                ImageBatch.Encoding.UINT8,
                0);
    }

    /** How a run stands so many seconds after it was ordered. */
    public static RunStatus status(RunSpec run, RunStatus.State state, long seconds) {
        return new RunStatus(
                run.runId(),
                state,
                null,
                run.steps(),
                run.steps(),
                1,
                1,
                100,
                1,
                1,
                100,
                0,
                0.1,
                0L,
                null,
                null,
                null,
                null,
                COMPUTE,
                null,
                run.createdAt().plusSeconds(seconds));
    }

    public static ModelPromoted promotion(
            EvaluationCompleted evaluation, CheckpointRef previous, ModelPromoted.Cause cause, Instant at) {
        return new ModelPromoted(evaluation.model(), evaluation.checkpoint(), evaluation, previous, cause, false, at);
    }

    /** A test batch of 2x2 grey images, all of one shade. */
    public static ImageBatch testBatch(String digest, int index, int batches, int... labels) {
        return batch(new BatchId(digest, Split.TEST, 0, index, 0), batches, 2, labels);
    }

    public static ImageBatch batch(BatchId id, int batches, int size, int... labels) {
        return new ImageBatch(
                id,
                batches,
                Encoding.UINT8,
                NORMALIZATION,
                labels.length,
                1,
                size,
                size,
                ByteBuffer.allocate(labels.length * size * size),
                labels,
                "samples");
    }
}
