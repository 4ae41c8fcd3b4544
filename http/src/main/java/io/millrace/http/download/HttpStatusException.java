// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.download;

import java.io.IOException;

/** A server answered, but not with the file. */
public final class HttpStatusException extends IOException {
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_EARLY = 425;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final int status;

    HttpStatusException(int status) {
        super("HTTP status " + status);
        this.status = status;
    }

    /** Whether to ask again would bring the same: the address is wrong, or not for us. */
    public boolean isFinal() {
        return status < SERVER_ERROR && status != REQUEST_TIMEOUT && status != TOO_EARLY && status != TOO_MANY_REQUESTS;
    }
}
