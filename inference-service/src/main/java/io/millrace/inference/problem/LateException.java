// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

/** There is no answer within the time that the client, or the service, allows: becomes 504. */
public final class LateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LateException(String message) {
        // Under load there are many of them, and nobody reads where they were made.
        super(message, null, false, false);
    }
}
