// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

/** A network's confidence cannot be calibrated; the message says why. */
public final class UncalibratedException extends Exception {
    public UncalibratedException(String message) {
        super(message);
    }
}
