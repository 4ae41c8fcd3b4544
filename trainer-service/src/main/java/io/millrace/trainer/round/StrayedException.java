// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

/** This worker is not where the other ones of its run are, and goes on from the newest checkpoint. The message says why. */
public final class StrayedException extends Exception {
    private final long step;

    /** @param step steps that were done here */
    public StrayedException(long step, String reason) {
        super(reason);
        this.step = step;
    }

    /** Steps that were done here. */
    public long step() {
        return step;
    }
}
