// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.ResumePoint;
import io.millrace.model.checkpoint.TrainingState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Where a run goes on: its newest whole checkpoint.
 *
 * @param weights to restore
 * @param optimizer to restore
 * @param precision of the convolutions so far; a run keeps it wherever it goes on
 * @param step steps done
 * @param samplesSeen training samples so far
 * @param checkpoints announced so far, this one included
 * @param nextOffsets by partition, where reading goes on
 * @param batchesDigest of {@link BatchChain}
 * @param trainSeconds wall time of training so far
 * @param waitSeconds part of it in which batches were waited for
 * @param announcement of this checkpoint, to be sent once more: the process before may have died before it did
 */
public record Resumption(
        List<Tensor> weights,
        List<Tensor> optimizer,
        Precision precision,
        long step,
        long samplesSeen,
        int checkpoints,
        Map<Integer, Long> nextOffsets,
        String batchesDigest,
        double trainSeconds,
        double waitSeconds,
        CheckpointPublished announcement) {
    private static final Logger LOGGER = Logger.getLogger(Resumption.class);

    /**
     * Looks into the store.
     *
     * @return empty when the run has no checkpoint yet; those of another run of its name are set aside
     * @throws IOException when the store cannot be read
     */
    public static Optional<Resumption> find(CheckpointStore store, RunSpec run) throws IOException {
        Optional<ResumePoint> point = store.latest(run.runId());
        point.ifPresent(found -> found.passedOver()
                .forEach(reason -> LOGGER.warnf(
                        "Passed over a checkpoint that is not whole. runId=%s reason=\"%s\"", run.runId(), reason)));
        int stored = store.list(run.runId()).size();
        if (point.isEmpty() && stored > 0) {
            LOGGER.errorf(
                    "None of the run's %d checkpoints is whole; the run begins anew. runId=%s", stored, run.runId());
        }
        if (point.isPresent() && ofAnother(run, point.get())) {
            LOGGER.warnf("The run begins anew. runId=%s aside=%s", run.runId(), store.setAside(run.runId()));
            return Optional.empty();
        }
        return point.map(found -> of(run, found));
    }

    private static boolean ofAnother(RunSpec run, ResumePoint point) {
        String asked = Extras.identity(run);
        Optional<String> stored = Extras.of(point.state().extras()).run().filter(identity -> !identity.equals(asked));
        stored.ifPresent(identity -> LOGGER.warnf(
                "Passed over a checkpoint of another run of this name. checkpointId=%s stored=\"%s\" asked=\"%s\"",
                point.ref().checkpointId(), identity, asked));
        return stored.isPresent();
    }

    private static Resumption of(RunSpec run, ResumePoint point) {
        TrainingState state = point.state();
        Extras extras = Extras.of(state.extras());
        Map<Integer, OffsetRange> ranges = new TreeMap<>();
        state.nextOffsets()
                .forEach((partition, to) ->
                        ranges.put(partition, new OffsetRange(extras.from().getOrDefault(partition, to), to)));
        CheckpointPublished announcement = new CheckpointPublished(
                point.ref(),
                run.model(),
                run.dataset().digest(),
                state.step(),
                state.epoch(),
                state.samplesSeen(),
                extras.trainingLoss(),
                ranges,
                extras.last());
        return new Resumption(
                point.checkpoint().weights(),
                state.optimizer(),
                point.checkpoint().metadata().precision(),
                state.step(),
                state.samplesSeen(),
                Math.toIntExact(state.checkpoints()),
                state.nextOffsets(),
                extras.batchesDigest(),
                extras.trainSeconds(),
                extras.waitSeconds(),
                announcement);
    }

    /** The same without weights and optimizer: what has to be known once the learner has them. */
    public Resumption withoutTensors() {
        return new Resumption(
                List.of(),
                List.of(),
                precision,
                step,
                samplesSeen,
                checkpoints,
                nextOffsets,
                batchesDigest,
                trainSeconds,
                waitSeconds,
                announcement);
    }
}
