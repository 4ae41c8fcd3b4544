// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import java.io.IOException;

/** A record that is no batch; the message says why. */
public final class MalformedBatchException extends IOException {
    public MalformedBatchException(String message) {
        super(message);
    }

    public MalformedBatchException(String message, Throwable cause) {
        super(message, cause);
    }
}
