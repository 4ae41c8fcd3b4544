// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

/** This machine cannot compute as a run has to be computed; the message says what it lacks. */
public final class UnavailableComputeException extends Exception {
    public UnavailableComputeException(String message) {
        super(message);
    }
}
