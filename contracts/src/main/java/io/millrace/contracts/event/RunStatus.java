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
 * @param state running, stopped, finished or failed
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
 * @param waits what the run, which is to be trained, waits for: a worker, and why it has none; null while it waits for none
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
        String waits,
        Instant updatedAt)
        implements Keyed {
    public RunStatus {
        Fields.present(runId, "runId");
        Fields.present(state, "state");
    }

    /** Of a run that waits for no worker. */
    public RunStatus(
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
            Instant updatedAt) {
        this(
                runId,
                state,
                reason,
                step,
                steps,
                epoch,
                epochs,
                samples,
                checkpoints,
                trainSeconds,
                imagesPerSecond,
                waitRatio,
                loss,
                lostBatches,
                lacks,
                checkpointProblem,
                validation,
                validationProblem,
                compute,
                adaptations,
                null,
                updatedAt);
    }

    /** This one, of a run that nobody is at, and why. */
    public RunStatus waitingFor(String what) {
        return new RunStatus(
                runId,
                State.RUNNING,
                null,
                step,
                steps,
                epoch,
                epochs,
                samples,
                checkpoints,
                trainSeconds,
                imagesPerSecond,
                waitRatio,
                loss,
                lostBatches,
                null,
                null,
                validation,
                null,
                compute,
                adaptations,
                what,
                updatedAt);
    }

    @Override
    public String key() {
        return runId;
    }

    /** The states that a run can be in. */
    public enum State {
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

    /** Whether it is to be trained, and nobody is at it: {@link #waits} says why. */
    public boolean waiting() {
        return state == State.RUNNING && waits != null;
    }

    /** Whether nothing more comes of the run as it was wanted then: it may be resumed or extended. */
    public boolean ended() {
        return state != State.RUNNING;
    }

    /** Whether nothing more comes of a run as it is wanted now: it failed, or all its steps are done. */
    public boolean ended(RunSpec wanted) {
        return state == State.FAILED || state == State.FINISHED && steps >= wanted.steps();
    }
}
