// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;

/**
 * How a run stands.
 *
 * @param runId the run
 * @param state running, finished or failed
 * @param reason why it failed, or ended before its last step; null otherwise
 * @param step steps done
 * @param steps steps in all
 * @param epoch epochs begun
 * @param epochs epochs in all
 * @param samples training samples so far
 * @param checkpoints checkpoints announced so far, each with its average where the run keeps one
 * @param trainSeconds wall time from the first step to the last, pauses between processes left out
 * @param imagesPerSecond samples over trainSeconds, of the process that reports
 * @param waitRatio part of that time in which the training thread waited for batches, 0 to 1
 * @param loss training loss, mean over the latest steps; null before the first
 * @param lostBatches batches so far that could not be read; null in statuses from before it was told
 * @param lacks the first step whose batches are not in the run's log and are waited for: they have to be published again;
 *     null while none is missing
 * @param checkpointProblem why the latest checkpoint could not be written; null when it could
 * @param validation what the validation split said last; null before, and of a run without one
 * @param validationProblem why that split is not there yet, which is waited for; null when it is
 * @param compute what decides the bits of the weights; null before it is resolved
 * @param adaptations what is otherwise in the run's first weights than in those that it started from, a sentence each; null
 *     where it started from fresh ones, or has not begun
 * @param updatedAt when this was said
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunStatus(
        String runId,
        State state,
        String reason,
        long step,
        long steps,
        int epoch,
        int epochs,
        long samples,
        int checkpoints,
        double trainSeconds,
        double imagesPerSecond,
        double waitRatio,
        Double loss,
        Long lostBatches,
        Long lacks,
        String checkpointProblem,
        Validated validation,
        String validationProblem,
        Compute compute,
        List<String> adaptations,
        Instant updatedAt)
        implements Keyed {
    public RunStatus {
        Fields.present(runId, "runId");
        Fields.present(state, "state");
    }

    @Override
    public String key() {
        return runId;
    }

    /** The states that a run can be in. */
    public enum State {
        @JsonProperty("running")
        RUNNING,
        @JsonProperty("finished")
        FINISHED,
        @JsonProperty("failed")
        FAILED
    }

    /** Whether nothing more will come of the run. */
    public boolean ended() {
        return state != State.RUNNING;
    }
}
