// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import java.io.IOException;

/** Bytes that are not the event they should be; the message says why. */
public final class MalformedEventException extends IOException {
    public MalformedEventException(String message) {
        super(message);
    }

    public MalformedEventException(String message, Throwable cause) {
        super(message, cause);
    }
}
