// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

/**
 * A run cannot be started or deleted, and it is not about the value of a field: see
 * {@link io.millrace.contracts.event.RefusedFieldException}.
 */
public final class RunRefusedException extends RuntimeException {
    private final int status;
    private final String remedy;

    RunRefusedException(int status, String detail, String remedy) {
        super(detail);
        this.status = status;
        this.remedy = remedy;
    }

    /** It may be accepted later. */
    static RunRefusedException passing(String detail) {
        return new RunRefusedException(503, detail, "try again later");
    }

    /** HTTP status. */
    int status() {
        return status;
    }

    /** Whether the same may be accepted later. */
    boolean passing() {
        return status == 503;
    }

    /** What to do. */
    String remedy() {
        return remedy;
    }
}
