// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

/** A run cannot go on, whoever tries again; the message is the reason that its status will carry. */
final class RunFailedException extends Exception {
    private final Outcome outcome;

    RunFailedException(Outcome outcome, String reason) {
        super(reason);
        this.outcome = outcome;
    }

    /** What it is counted as. */
    Outcome outcome() {
        return outcome;
    }
}
