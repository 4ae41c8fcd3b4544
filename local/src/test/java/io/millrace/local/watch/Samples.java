// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.Validated;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A run as the services would show it. */
public final class Samples {
    public static final Dataset DATASET = new Dataset(
            "strokes",
            "d1",
            640,
            100,
            1,
            28,
            28,
            List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
            Normalization.ofMeanStd(List.of(0.1), List.of(0.3)));
    public static final RunSpec RUN = new RunSpec(
            "quick-1",
            Instant.EPOCH,
            "strokes",
            DATASET,
            new Network("resnet18", Network.Stem.IMAGENET, 1, 10),
            Recipes.named("quick"),
            1,
            7,
            5,
            Encoding.UINT8,
            0);
    public static final Compute COMPUTE = new Compute(Precision.BF16, true, "cpu", 2, "a processor", "PyTorch 2.3.1");
    public static final RunStatus STATUS = new RunStatus(
            "quick-1",
            RunStatus.State.FINISHED,
            null,
            5,
            5,
            1,
            1,
            640,
            1,
            0.8,
            800,
            0.01,
            0.25,
            0L,
            null,
            null,
            null,
            null,
            COMPUTE,
            null,
            Instant.EPOCH);

    private Samples() {}

    public static OrderedRun order(String state) {
        return new OrderedRun("quick-1", state, "failed".equals(state) ? "loss is NaN" : null, RUN, STATUS);
    }

    public static TrainerRun training(long step, String state) {
        return hindered(step, state, null, null);
    }

    /** At the end, before the last step, of a run that has a validation split. */
    public static TrainerRun stopped(long step) {
        Validated validated = new Validated(1, step, 0.0912, 0.9731, false, null, "stopped early");
        return new TrainerRun(
                "quick-1",
                "finished",
                step,
                5,
                1,
                1,
                step * 128,
                812.4,
                0.12345,
                null,
                "stopped early",
                null,
                validated,
                null,
                null);
    }

    public static TrainerRun hindered(long step, String state, String checkpointProblem, Long lacks) {
        return new TrainerRun(
                "quick-1",
                state,
                step,
                5,
                1,
                1,
                step * 128,
                812.4,
                0.12345,
                61.0,
                null,
                checkpointProblem,
                null,
                null,
                lacks);
    }

    public static Standing standing(String runId, long step, double accuracy, boolean promoted) {
        return standing(checkpointId(runId, step), runId, step, false, accuracy, null, promoted, null);
    }

    /** One that was not promoted, and why. */
    public static Standing refused(String runId, long step, String objection) {
        return standing(checkpointId(runId, step), runId, step, false, 0.1, null, false, objection);
    }

    /** The average beside {@link #standing}. */
    public static Standing average(String runId, long step, double accuracy, boolean promoted) {
        String id = CheckpointRef.averageId(runId + "-0", step);
        return standing(id, runId, step, true, accuracy, null, promoted, null);
    }

    /** A run that keeps an average. */
    public static OrderedRun averaging(String state) throws IOException {
        Recipe recipe = Recipes.of(new ObjectMapper().readTree("{\"averaging\": {\"decay\": 0.9}}"));
        RunSpec run = new RunSpec(
                RUN.runId(),
                RUN.createdAt(),
                RUN.model(),
                RUN.dataset(),
                RUN.network(),
                recipe,
                RUN.shards(),
                RUN.seed(),
                RUN.batchesPerEpoch(),
                RUN.encoding(),
                RUN.priority());
        return new OrderedRun("quick-1", state, null, run, STATUS);
    }

    /** As {@link #standing}, of a run that stopped early. */
    public static Standing chosen(String runId, long step, double accuracy, boolean promoted) {
        Validated validated = new Validated(1, step, 0.0912, 0.9731, true, null, null);
        return standing(checkpointId(runId, step), runId, step, false, accuracy, validated, promoted, null);
    }

    private static Standing standing(
            String id,
            String runId,
            long step,
            boolean averaged,
            double accuracy,
            Validated validated,
            boolean promoted,
            String objection) {
        return new Standing(
                id,
                runId,
                step,
                1,
                averaged,
                accuracy,
                0.05,
                validated != null || step == RUN.steps(),
                validated,
                promoted,
                "strokes",
                "d1",
                objection,
                true,
                null,
                null);
    }

    /** Runs of these samples were created when time began. */
    public static String checkpointId(String runId, long step) {
        return CheckpointRef.id(runId + "-0", step);
    }

    public static Snapshot snapshot(OrderedRun order, List<Standing> standings, String servedVersion) {
        return new Snapshot(
                Optional.ofNullable(order),
                Optional.empty(),
                standings,
                Optional.ofNullable(servedVersion).map(version -> new ServedVersion("strokes", version)),
                servedVersion != null);
    }

    /** The same, but inference-service does not answer any more. */
    public static Snapshot silent(Snapshot before) {
        return new Snapshot(before.order(), before.training(), before.standings(), before.served(), false);
    }
}
