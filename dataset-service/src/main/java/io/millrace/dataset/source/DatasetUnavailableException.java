// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import java.io.IOException;

/** A data set cannot be had; the message says why and what can be done about it. */
public final class DatasetUnavailableException extends IOException {
    public DatasetUnavailableException(String message) {
        super(message);
    }

    public DatasetUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
