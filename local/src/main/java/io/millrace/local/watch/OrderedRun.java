// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import java.util.Set;

/**
 * dataset-service's {@code GET /runs/{id}}.
 *
 * @param runId the run
 * @param state queued, blocked, publishing, published, running, stopped, finished or failed
 * @param reason why it failed or is blocked; null otherwise
 * @param spec the run; null when it failed before there was one
 * @param status what the trainer said last; null before that
 */
public record OrderedRun(String runId, String state, String reason, RunSpec spec, RunStatus status) {
    private static final Set<String> ENDED = Set.of("finished", "failed");

    /** One that somebody removed. */
    static OrderedRun deleted(String runId, RunSpec spec) {
        return new OrderedRun(runId, "failed", "it was removed; the same command begins a new run", spec, null);
    }

    /** Whether nothing more will come of it. */
    public boolean ended() {
        return ENDED.contains(state);
    }

    /** Whether it waits for being resumed. */
    public boolean stopped() {
        return "stopped".equals(state);
    }

    public boolean finished() {
        return "finished".equals(state);
    }

    public boolean failed() {
        return "failed".equals(state);
    }
}
