// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

/** A checkpoint that cannot be read now; another attempt may succeed. The message says why. */
public final class UnreadableNetworkException extends Exception {
    private final boolean incomplete;

    /**
     * The exception.
     *
     * @param incomplete see {@link #incomplete()}
     */
    public UnreadableNetworkException(String message, boolean incomplete, Throwable cause) {
        super(message, cause);
        this.incomplete = incomplete;
    }

    /**
     * Whether the file is missing or has another size than announced. A shared volume may show it late; but it may also
     * never come. Otherwise the volume failed, which tells nothing about the checkpoint.
     */
    public boolean incomplete() {
        return incomplete;
    }
}
