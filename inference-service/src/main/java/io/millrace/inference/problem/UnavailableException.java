// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

import java.time.Duration;

/** Not now, but later: becomes 503 with {@code Retry-After}. */
public final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;
    private final Duration retryAfter;

    public UnavailableException(Refusal refusal, String message, Duration retryAfter) {
        super(message);
        this.refusal = refusal;
        this.retryAfter = retryAfter;
    }

    /** What it is counted as. */
    public Refusal refusal() {
        return refusal;
    }

    /** When to try again, whole seconds. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
