// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

/** A promotion that was asked for and cannot be made; the message says why. */
public final class PromotionRefusedException extends Exception {
    /** What stands in the way. */
    public enum Reason {
        /** There is no such model or checkpoint. */
        UNKNOWN,
        /** The checkpoint belongs to another model. */
        OTHER_MODEL,
        /** The model's name stands for other classes or images. */
        BOUND,
        /** It is what is promoted. */
        SERVED,
        /** There is nothing to go back to. */
        NO_PREVIOUS,
        /** The checkpoint's file is missing or not what it was. */
        FILE
    }

    private final Reason reason;

    public PromotionRefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
