// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.DatasetConfig;
import java.util.Optional;

/**
 * How much of a run may lie in its log. Publishing waits when the trainer's newest checkpoint is too far behind, so the
 * trainer must always find the batches up to its next one: twice the distance between checkpoints has room ahead, so that
 * it trains while a checkpoint is written. Ahead may be half of the budget at most, so that what lies between the two
 * newest checkpoints, which is kept, has room beside it. Immutable.
 *
 * @param maxAhead bytes that are in no checkpoint yet
 * @param maxAheadEpochs epochs of them
 * @param budget bytes in all, from which on what is behind the checkpoints is deleted
 */
public record LogLimits(long maxAhead, int maxAheadEpochs, long budget) {
    /** What a record's metadata takes, at most. */
    private static final int HEADER_BYTES = 768;

    private static final int NARROW_LABELS = 256;

    /** As configured. */
    public static LogLimits of(DatasetConfig config) {
        return new LogLimits(
                config.maxAhead().asLongValue(),
                config.maxAheadEpochs(),
                config.logBudget().asLongValue());
    }

    /** About what the batches of one step take in the log, and never less. */
    public static long stepBytes(RunSpec run) {
        long image = imageBytes(run);
        long label = run.dataset().classes().size() <= NARROW_LABELS ? 1 : Long.BYTES;
        long size = run.recipe().batchSize();
        return (size * (image + label) + records(run, image) * HEADER_BYTES) * run.shards();
    }

    /** Records of a batch. */
    private static long records(RunSpec run, long imageBytes) {
        long perRecord = Math.max(1, ImageBatch.imagesPerRecord(imageBytes));
        return (run.recipe().batchSize() + perRecord - 1) / perRecord;
    }

    /** About what a record takes in the log. */
    public static long recordBytes(RunSpec run) {
        return stepBytes(run) / (records(run, imageBytes(run)) * run.shards());
    }

    /** Of an image, its soft labels, and its weight. */
    private static long imageBytes(RunSpec run) {
        Dataset data = run.dataset();
        long soft = run.recipe().augmentation().mixes() ? data.classes().size() : 0;
        long weight = run.recipe().classWeights() == null ? 0 : 1;
        return (long) data.channels()
                        * data.height()
                        * data.width()
                        * run.encoding().bytes()
                + (soft + weight) * Float.BYTES;
    }

    /** Most steps from one checkpoint to the next: they are made at the ends of epochs in any case. */
    static int interval(RunSpec run) {
        int every = run.recipe().checkpointEverySteps();
        return every == 0 ? run.batchesPerEpoch() : Math.min(every, run.batchesPerEpoch());
    }

    private long aheadBytes() {
        return Math.min(maxAhead, budget / 2);
    }

    /** The steps between checkpoints that fit, where those that are asked for do not: where the recipe has rounds, whole ones. */
    Optional<Integer> nearerCheckpoints(RunSpec run) {
        long most = Math.max(1, aheadBytes() / 2 / stepBytes(run));
        if (interval(run) <= most) {
            return Optional.empty();
        }
        // A recipe with rounds has whole ones, also where one shard makes nothing of them.
        int round = run.recipe().sync() == null ? 1 : run.recipe().sync().everySteps();
        int fitting = (int) Math.max(round, most / round * round);
        return fitting < interval(run) ? Optional.of(fitting) : Optional.empty();
    }

    /** Says why a run has other checkpoints than it was ordered with. */
    String note(RunSpec asked, int steps) {
        return "A checkpoint is made every " + steps + (steps == 1 ? " step" : " steps") + " instead of every "
                + interval(asked) + ": a step is " + stepBytes(asked)
                + " bytes of batches, and twice the distance between checkpoints has to fit into " + aheadBytes()
                + " bytes, which are millrace.dataset.max-ahead or half of millrace.dataset.log-budget";
    }

    /**
     * Whether more may be published. A run that was ordered under other limits still gets what it needs to reach its next
     * checkpoint.
     *
     * @param ahead steps in the log that are in no checkpoint yet
     * @param more further ones
     */
    public boolean hasRoom(RunSpec run, long ahead, int more) {
        long steps = ahead + more;
        return steps <= interval(run)
                || steps <= (long) maxAheadEpochs * run.batchesPerEpoch() && steps * stepBytes(run) <= aheadBytes();
    }
}
