// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

import java.time.Duration;

/** Not now, but later: becomes 503 with {@code Retry-After}. */
public final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    public UnavailableException(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    /** When to try again, whole seconds. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
