// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;

/**
 * A run as {@code GET /runs} shows it.
 *
 * @param runId its id
 * @param state how far it is
 * @param reason why it failed, is blocked, or waits for a worker; null otherwise
 * @param publishedBatches training batches that were published, all shards together
 * @param totalBatches of the whole run
 * @param spec the run, and what is wanted of it; null when it failed before there was one
 * @param status what the trainer said last; null before that
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunView(
        String runId,
        State state,
        String reason,
        long publishedBatches,
        long totalBatches,
        RunSpec spec,
        RunStatus status) {

    /** How far a run is: what the trainer says, and until it speaks what this service knows. */
    public enum State {
        /** Nothing is published yet. */
        @JsonProperty("queued")
        QUEUED,
        /** It cannot go on until its data set can be had again; see the reason. */
        @JsonProperty("blocked")
        BLOCKED,
        @JsonProperty("publishing")
        PUBLISHING,
        @JsonProperty("published")
        PUBLISHED,
        /** The trainer is at it. */
        @JsonProperty("running")
        RUNNING,
        /** Somebody wanted it so; it goes on where it is when it is resumed. */
        @JsonProperty("stopped")
        STOPPED,
        @JsonProperty("finished")
        FINISHED,
        @JsonProperty("failed")
        FAILED
    }

    /** Of a run that only its id is known of. */
    static RunView without(String runId, State state, String reason) {
        return new RunView(runId, state, reason, 0, 0, null, null);
    }

    /**
     * Of a run.
     *
     * @param status null before the trainer has said anything
     * @param steps that this process knows to be published: none of a run that it has not taken up
     * @param blocked why it cannot go on; null when it can
     */
    static RunView of(RunSpec run, RunStatus status, long steps, String blocked) {
        long published = status == null ? steps : Math.max(steps, status.step()); // what was trained was published
        return new RunView(
                run.runId(),
                state(run, status, steps, blocked),
                reason(run, status, blocked),
                published * run.shards(),
                run.steps() * run.shards(),
                run,
                status);
    }

    private static String reason(RunSpec run, RunStatus status, String blocked) {
        if (status != null && status.reason() != null && status.ended(run)) {
            return status.reason();
        }
        return blocked != null || status == null || !run.wanted() ? blocked : status.waits();
    }

    /** What is wanted counts where the trainer may not have heard of it yet, or is not there to hear it. */
    private static State state(RunSpec run, RunStatus status, long steps, String blocked) {
        if (status != null && status.ended(run)) {
            return status.state() == RunStatus.State.FAILED ? State.FAILED : State.FINISHED;
        }
        if (!run.wanted()) {
            return State.STOPPED;
        }
        boolean running = status != null && status.state() == RunStatus.State.RUNNING && !status.waiting();
        return running ? State.RUNNING : state(run, steps, blocked);
    }

    private static State state(RunSpec run, long steps, String blocked) {
        if (blocked != null) {
            return State.BLOCKED;
        }
        if (steps == 0) {
            return State.QUEUED;
        }
        return steps < run.steps() ? State.PUBLISHING : State.PUBLISHED;
    }
}
