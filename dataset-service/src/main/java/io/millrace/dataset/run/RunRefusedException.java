// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import java.util.List;

/**
 * A run cannot be started or changed, and it is not about the value of a field: see
 * {@link io.millrace.contracts.event.RefusedFieldException}.
 */
public final class RunRefusedException extends RuntimeException {
    private static final int NAMED = 10;

    private final int status;
    private final String remedy;

    RunRefusedException(int status, String detail, String remedy) {
        super(detail);
        this.status = status;
        this.remedy = remedy;
    }

    /** It may be accepted later. */
    public static RunRefusedException passing(String detail) {
        return new RunRefusedException(503, detail, "try again later");
    }

    /** There is no such run, but others, or none. */
    static RunRefusedException unknown(String runId, List<String> there) {
        String some = String.join(", ", there.subList(Math.max(0, there.size() - NAMED), there.size()));
        return new RunRefusedException(
                404,
                "there is no run \"" + runId + "\"; "
                        + (there.isEmpty()
                                ? "there is none at all"
                                : (there.size() > NAMED ? "the latest are " : "there are ") + some),
                "GET /runs, or ./millrace runs, lists all");
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
