// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Sync;

/**
 * Where the rounds of a run end: after each step at first, then at the multiples of a number of steps, and with each epoch.
 * Checkpoints are made at such places, so they are the same whatever happens in between.
 *
 * @param everySteps steps of a round
 * @param fromStep steps from the run's first on that are rounds of their own
 * @param batchesPerEpoch steps of an epoch
 */
public record RoundPlan(long everySteps, long fromStep, long batchesPerEpoch) {
    /** That of a run in rounds. */
    public static RoundPlan of(RunSpec run) {
        Sync sync = run.recipe().sync();
        return new RoundPlan(sync.everySteps(), sync.fromStep(), run.batchesPerEpoch());
    }

    /** Steps that are done when the round is that begins when so many are. */
    public long end(long from) {
        return from < fromStep ? from + 1 : Math.min(next(from, everySteps), next(from, batchesPerEpoch));
    }

    private static long next(long from, long multiple) {
        return (from / multiple + 1) * multiple;
    }

    /** Whether a round goes from one number of steps to another. */
    boolean isRound(long from, long to) {
        return from >= 0 && end(from) == to;
    }

    /**
     * Whether gradients are shared in a round: it makes one update, from their mean. So it is where a round has one step by the
     * plan; one that an epoch's end cuts down to one step is as those before it, on unlike processors too.
     *
     * @param from steps that are done when it begins
     */
    boolean sharesGradients(long from) {
        return everySteps == 1 || from < fromStep;
    }
}
