// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

/** A checkpoint that cannot be scored; the message says why. */
public final class UnusableNetworkException extends Exception {
    public UnusableNetworkException(String message) {
        super(message);
    }

    public UnusableNetworkException(String message, Throwable cause) {
        super(message, cause);
    }
}
