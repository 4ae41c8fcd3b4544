// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.publish;

/** This process does not go on with a run, which has not ended: it is somebody else's. The message says why. */
public final class LeftAloneException extends Exception {
    private final boolean unable;

    private LeftAloneException(String reason, boolean unable) {
        super(reason);
        this.unable = unable;
    }

    /** Another one has it now. */
    public LeftAloneException(String reason) {
        this(reason, false);
    }

    /** This machine cannot compute it. */
    public static LeftAloneException unable(String reason) {
        return new LeftAloneException(reason, true);
    }

    /** Whether there is no use in trying again here. */
    public boolean isUnable() {
        return unable;
    }
}
