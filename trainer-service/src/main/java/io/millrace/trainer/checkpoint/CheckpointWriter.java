// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.trainer.checkpoint.Snapshot.LossSum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Makes a checkpoint out of a snapshot: file, log of batches, announcement. It knows what was announced before, hence
 * which records an announcement is about. Used by the writing thread; {@link #announced} by any.
 */
public final class CheckpointWriter {
    private static final Logger LOGGER = Logger.getLogger(CheckpointWriter.class);

    private static final int STATES_KEPT = 2;

    private final RunSpec run;
    private final Precision precision;
    private final CheckpointStore store;
    private final BatchLog log;
    private final Announcer announcer;
    private Map<Integer, Long> offsets;
    private LossSum loss = LossSum.NONE;
    private int written;
    private volatile int announced;

    /**
     * For one run.
     *
     * @param folder of the run, for the log of its batches
     * @param precision that its convolutions use
     * @throws IOException when the log of batches cannot be read
     */
    public CheckpointWriter(
            RunSpec run,
            Precision precision,
            CheckpointStore store,
            Path folder,
            Announcer announcer,
            Optional<Resumption> resumption)
            throws IOException {
        this.run = run;
        this.precision = precision;
        this.store = store;
        this.log = BatchLog.resume(folder, resumption.map(Resumption::step).orElse(0L));
        this.announcer = announcer;
        this.offsets = resumption.map(Resumption::nextOffsets).orElse(Map.of());
        this.written = resumption.map(Resumption::checkpoints).orElse(0);
        this.announced = written;
    }

    /** Checkpoints of the run so far. */
    public int announced() {
        return announced;
    }

    /** Writes a snapshot durably and says what is to be announced. After a failure it can be called again. */
    CheckpointPublished write(Snapshot snapshot) throws IOException {
        Map<Integer, OffsetRange> ranges = ranges(snapshot);
        double trainingLoss = snapshot.loss().meanSince(loss);
        log.write(snapshot.batchesLog());
        CheckpointRef ref = store.write(
                CheckpointMetadata.of(run, snapshot.step(), snapshot.epoch(), snapshot.samplesSeen(), precision),
                snapshot.weights(),
                state(snapshot, ranges, trainingLoss));
        log.confirm();
        offsets = snapshot.nextOffsets();
        loss = snapshot.loss();
        written++;
        return new CheckpointPublished(
                ref,
                run.model(),
                run.dataset().digest(),
                snapshot.step(),
                snapshot.epoch(),
                snapshot.samplesSeen(),
                trainingLoss,
                ranges,
                snapshot.last());
    }

    private Map<Integer, OffsetRange> ranges(Snapshot snapshot) {
        Map<Integer, OffsetRange> ranges = new TreeMap<>();
        snapshot.nextOffsets().forEach((partition, to) -> {
            long from = offsets.getOrDefault(partition, snapshot.firstOffsets().getOrDefault(partition, to));
            ranges.put(partition, new OffsetRange(from, to));
        });
        return ranges;
    }

    private TrainingState state(Snapshot snapshot, Map<Integer, OffsetRange> ranges, double trainingLoss) {
        Map<Integer, Long> from = new TreeMap<>();
        ranges.forEach((partition, range) -> from.put(partition, range.from()));
        Extras extras = new Extras(
                snapshot.batchesDigest(),
                snapshot.trainSeconds(),
                snapshot.waitSeconds(),
                trainingLoss,
                from,
                snapshot.last(),
                Optional.of(Extras.identity(run)));
        return new TrainingState(
                snapshot.optimizer(),
                snapshot.nextOffsets(),
                snapshot.step(),
                snapshot.epoch(),
                snapshot.samplesSeen(),
                written + 1L,
                null,
                extras.toStrings());
    }

    /** Announces what was written; after a failure, or after a restart, it can be called again. */
    void announce(CheckpointPublished published) {
        announcer.announce(published);
        announced = written;
        prune();
        LOGGER.infof(
                "Checkpoint announced. runId=%s epoch=%d step=%d checkpointId=%s loss=%.4f",
                run.runId(),
                published.epoch(),
                published.step(),
                published.checkpoint().checkpointId(),
                published.trainingLoss());
    }

    /** Two states stay: the newest, and the one before in case the newest turns out to be damaged. */
    private void prune() {
        try {
            store.pruneStates(run.runId(), STATES_KEPT);
        } catch (IOException e) {
            LOGGER.debugf(e, "Old states stay for now. runId=%s", run.runId());
        }
    }
}
