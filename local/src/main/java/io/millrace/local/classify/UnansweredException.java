// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.classify;

/** There is no prediction for a file; the message, a predicate without its subject, says why. */
public final class UnansweredException extends Exception {
    private final boolean passing;

    UnansweredException(String message, boolean passing, Throwable cause) {
        super(message, cause);
        this.passing = passing;
    }

    /** Whether it is the server's doing, so that another attempt is worth it. */
    boolean isPassing() {
        return passing;
    }

    /** Whether nobody listens. */
    public boolean isNobodyThere() {
        return getCause() instanceof java.net.ConnectException;
    }
}
