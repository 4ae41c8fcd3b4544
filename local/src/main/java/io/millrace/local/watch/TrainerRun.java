// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.contracts.event.Validated;

/**
 * trainer-service's {@code GET /run}.
 *
 * @param runId the run; null when idle
 * @param state idle, running, stopped, finished or failed
 * @param step steps done
 * @param steps steps in all
 * @param epoch epochs begun
 * @param epochs epochs in all
 * @param samples training samples so far
 * @param imagesPerSecond over the latest steps
 * @param loss training loss; null before the first step
 * @param etaSeconds until the last step; null when unknown
 * @param reason why it failed, or ended before its last step; null otherwise
 * @param checkpointProblem why the latest checkpoint could not be written; null when it could
 * @param validation what the validation split said last; null before, and of a run without one
 * @param validationProblem why that split is not there yet; null when it is
 * @param lacks the first step that is not in the run's log and is waited for; null while none is missing
 */
public record TrainerRun(
        String runId,
        String state,
        long step,
        long steps,
        int epoch,
        int epochs,
        long samples,
        double imagesPerSecond,
        Double loss,
        Double etaSeconds,
        String reason,
        String checkpointProblem,
        Validated validation,
        String validationProblem,
        Long lacks) {

    public boolean running() {
        return "running".equals(state);
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

    /** Part of the way to its end, 0 to 1. */
    public double fraction() {
        return finished() ? 1 : steps == 0 ? 0 : Math.min(1, (double) step / steps);
    }
}
