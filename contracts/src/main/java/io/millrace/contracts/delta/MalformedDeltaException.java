// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.delta;

import java.io.IOException;

/** Records that make no delta; the message says why. */
public final class MalformedDeltaException extends IOException {
    public MalformedDeltaException(String message) {
        super(message);
    }

    public MalformedDeltaException(String message, Throwable cause) {
        super(message, cause);
    }
}
