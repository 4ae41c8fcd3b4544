// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

/** This worker is not where the other ones of its run are, and goes on from the newest checkpoint. The message says why. */
public final class StrayedException extends Exception {
    private final long step;
    private final boolean deltasGone;

    /** @param step steps that were done here */
    public StrayedException(long step, String reason) {
        this(step, reason, false);
    }

    /**
     * It may be no fault of this worker.
     *
     * @param step steps that were done here
     * @param deltasGone whether the log does not hold any more what this worker would have had to follow the others by
     */
    public StrayedException(long step, String reason, boolean deltasGone) {
        super(reason);
        this.step = step;
        this.deltasGone = deltasGone;
    }

    /** Steps that were done here. */
    public long step() {
        return step;
    }

    /** Whether it was not this worker that went wrong: the deltas that it needs were deleted. */
    public boolean deltasGone() {
        return deltasGone;
    }
}
