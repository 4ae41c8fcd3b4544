// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

/** A run cannot go on, whoever tries again; the message is the reason that its status will carry. */
public class RunFailedException extends Exception {
    public RunFailedException(String reason) {
        super(reason);
    }

    public RunFailedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
