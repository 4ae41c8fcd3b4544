// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import java.util.Optional;

/** Something about an evaluated checkpoint cannot be told; the message says why. */
public final class InsightUnavailableException extends RuntimeException {
    private final Reason reason;
    private final String remedy;

    private InsightUnavailableException(Reason reason, String message, String remedy, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.remedy = remedy;
    }

    /** What kind of reason it is. */
    public enum Reason {
        /** It can be had later: asking again may help. */
        PASSING,
        /** This machine lacks something, until somebody adds it. */
        UNEQUIPPED,
        /** What it is made of is there no more. */
        GONE
    }

    static InsightUnavailableException passing(String message, Throwable cause) {
        return new InsightUnavailableException(Reason.PASSING, message, null, cause);
    }

    static InsightUnavailableException unequipped(String message, String remedy, Throwable cause) {
        return new InsightUnavailableException(Reason.UNEQUIPPED, message + ". " + remedy, remedy, cause);
    }

    static InsightUnavailableException gone(String message, Throwable cause) {
        return new InsightUnavailableException(Reason.GONE, message, null, cause);
    }

    /** Why, as a kind. */
    public Reason reason() {
        return reason;
    }

    /** What somebody has to do; empty where nothing is to be done. */
    public Optional<String> remedy() {
        return Optional.ofNullable(remedy);
    }
}
