// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

/** The client left: nobody reads the answer. */
public final class GoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GoneException() {
        super("the client left", null, false, false);
    }
}
