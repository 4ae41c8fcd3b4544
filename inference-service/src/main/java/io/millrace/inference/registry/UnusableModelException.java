// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

/** A promoted checkpoint that cannot be served, however often it is tried. */
public final class UnusableModelException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnusableModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
