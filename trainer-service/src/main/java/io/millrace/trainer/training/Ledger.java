// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.trainer.checkpoint.BatchChain;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.consume.StepInput;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Keeps the books of a run: which batches were trained, and where reading goes on. For the training thread. */
final class Ledger {
    private final BatchChain chain;
    private final StringBuilder lines = new StringBuilder();
    private final Map<Integer, OffsetRange> offsets = new TreeMap<>();
    private long step;
    private long updates;
    private long samples;
    private long lostBatches;

    /** Goes on from a position. */
    Ledger(Position from) {
        chain = new BatchChain(from.batchesDigest());
        from.nextOffsets().forEach((partition, next) -> offsets.put(partition, new OffsetRange(next, next)));
        step = from.step();
        updates = from.updates();
        samples = from.samples();
        lostBatches = from.lostBatches();
    }

    /** A step was done. */
    void enter(StepInput input) {
        step++;
        updates += input.batches().isEmpty() ? 0 : 1;
        samples += input.samples();
        for (ShardBatch batch : input.shards()) {
            enter(batch.id().shard(), batch.records());
            if (batch.images().isPresent()) {
                chain.add(batch.id());
            } else {
                lostBatches++;
            }
        }
        write(input.epoch(), input.index(), offsets(input));
    }

    /**
     * A round was done, whoever trained its replicas.
     *
     * @param deltas of all replicas, in their order
     */
    void enter(RunSpec run, List<Delta> deltas) {
        int steps = deltas.get(0).batches().size();
        for (int k = 0; k < steps; k++) {
            int epoch = (int) (step / run.batchesPerEpoch());
            int index = (int) (step % run.batchesPerEpoch());
            StringJoiner read = new StringJoiner(",");
            boolean updated = false;
            for (Delta delta : deltas) {
                Delta.Batch batch = delta.batches().get(k);
                boolean lost = batch.samples() == 0;
                enter(delta.replica(), batch.records());
                read.add(lost ? "-" : Long.toString(batch.records().from()));
                samples += batch.samples();
                updated |= !lost;
                if (lost) {
                    lostBatches++;
                } else {
                    chain.add(new BatchId(run.incarnation(), Split.TRAIN, epoch, index, delta.replica()));
                }
            }
            step++;
            updates += updated ? 1 : 0;
            write(epoch, index, read.toString());
        }
    }

    private void enter(int shard, OffsetRange records) {
        offsets.merge(shard, records, (before, now) -> new OffsetRange(Math.min(before.from(), now.from()), now.to()));
    }

    private void write(int epoch, int index, String read) {
        lines.append(step).append(' ').append(epoch).append(' ').append(index);
        lines.append(' ').append(read).append('\n');
    }

    /** By shard, where what was not trained begins; a shard of which nothing was is missing. */
    Map<Integer, Long> nextOffsets() {
        Map<Integer, Long> next = new TreeMap<>();
        offsets.forEach((shard, range) -> next.put(shard, range.to()));
        return next;
    }

    private static String offsets(StepInput input) {
        return input.shards().stream()
                .map(batch -> batch.images().isPresent()
                        ? Long.toString(batch.records().from())
                        : "-")
                .collect(Collectors.joining(","));
    }

    /** Steps done. */
    long step() {
        return step;
    }

    /** Updates of the weights. */
    long updates() {
        return updates;
    }

    /** Training samples so far. */
    long samples() {
        return samples;
    }

    /** Batches so far that could not be read. */
    long lostBatches() {
        return lostBatches;
    }

    /**
     * Refuses to go on with what learns of too little of its data: it must not look like a run that learnt.
     *
     * @param maxLostRatio the part of its batches that a run may lose; of one that stops early, of those that it came to
     * @param complete whether no further step comes
     */
    void requireEnough(RunSpec run, double maxLostRatio, boolean complete) throws RunFailedException {
        long all = (complete ? step : run.steps()) * run.shards();
        if (lostBatches > maxLostRatio * all || complete && updates == 0) {
            throw new RunFailedException(
                    Outcome.FAILED,
                    "%d of the run's %d batches are lost, %s of them after %d steps; millrace.trainer.max-lost-ratio=%s"
                                    .formatted(lostBatches, all, percent(lostBatches, all), step, maxLostRatio)
                            + " is what it may lose; the dead letters say why, mend that and order the run again");
        }
    }

    private static String percent(long part, long all) {
        return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / all);
    }

    /**
     * The position for a checkpoint; the next one's records begin behind it.
     *
     * @param epoch epochs begun
     * @param loss mean since this was asked for last
     */
    Position take(int epoch, TrainingTime time, double loss) {
        Position position = new Position(
                step,
                updates,
                epoch,
                samples,
                lostBatches,
                offsets,
                chain.digest(),
                time.trainSeconds(),
                time.waitedSeconds(),
                loss);
        offsets.replaceAll((partition, range) -> new OffsetRange(range.to(), range.to()));
        return position;
    }

    /** The lines of the steps since this was asked for last: {@code step epoch index offset[,offset…]}, - for a lost batch. */
    String takeLines() {
        String taken = lines.toString();
        lines.setLength(0);
        return taken;
    }
}
