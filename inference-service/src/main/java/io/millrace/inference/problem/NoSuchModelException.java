// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

/** A model, or a version of it, is asked for that is not loaded: becomes 404, and names those that are. */
public final class NoSuchModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NoSuchModelException(String message) {
        super(message, null, false, false);
    }
}
