// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.RunSpec;

/** Which batch of a run comes next in one partition. Not thread-safe. */
final class ShardSequence {
    /** What a batch's place says about it. */
    enum Place {
        /** It is the one. */
        NEXT,
        /** It was here before. */
        SEEN,
        /** One before it is missing. */
        AHEAD,
        /** The run has no such place, or not in this partition. */
        OUTSIDE
    }

    private final RunSpec run;
    private final int shard;
    private long next;

    ShardSequence(RunSpec run, int shard, long next) {
        this.run = run;
        this.shard = shard;
        this.next = next;
    }

    Place placeOf(BatchId id) {
        if (id.split() != Split.TRAIN
                || id.shard() != shard
                || id.index() >= run.batchesPerEpoch()
                || id.epoch() >= run.recipe().epochs()) {
            return Place.OUTSIDE;
        }
        long step = id.step(run.batchesPerEpoch());
        if (step == next) {
            return Place.NEXT;
        }
        return step < next ? Place.SEEN : Place.AHEAD;
    }

    void advance() {
        next++;
    }

    boolean complete() {
        return next >= run.steps();
    }

    /** The batch that comes next. */
    BatchId expected() {
        int epoch = (int) (next / run.batchesPerEpoch());
        int index = (int) (next % run.batchesPerEpoch());
        return new BatchId(run.runId(), Split.TRAIN, epoch, index, shard);
    }
}
