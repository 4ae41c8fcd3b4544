// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import java.time.Instant;
import java.util.Optional;

/**
 * How the run at hand stands, at one moment.
 *
 * @param run what is trained
 * @param step steps done
 * @param samples training samples so far
 * @param checkpoints checkpoints announced so far
 * @param checkpointProblem why the latest attempt at a checkpoint failed; null when it did not
 * @param time how long it took
 * @param loss mean over the latest steps; null before the first
 * @param accuracy of training over the latest steps, 0 to 1; null before the first
 * @param learningRate of the latest step
 * @param precision of the convolutions, never auto
 */
public record Progress(
        RunSpec run,
        long step,
        long samples,
        int checkpoints,
        String checkpointProblem,
        TrainingTime time,
        Double loss,
        Double accuracy,
        double learningRate,
        Precision precision) {

    /** Epochs begun. */
    public int epoch() {
        return step == 0 ? 0 : (int) ((step - 1) / run.batchesPerEpoch()) + 1;
    }

    /** Seconds to the last step at the pace so far; empty before there is one. */
    public Optional<Double> etaSeconds() {
        return time.secondsPerStep().map(seconds -> seconds * (run.steps() - step));
    }

    Progress withCheckpoints(int announced, String problem) {
        return new Progress(run, step, samples, announced, problem, time, loss, accuracy, learningRate, precision);
    }

    /** As an event. */
    public RunStatus status(State state, String reason) {
        return new RunStatus(
                run.runId(),
                state,
                reason,
                step,
                run.steps(),
                epoch(),
                run.recipe().epochs(),
                samples,
                checkpoints,
                time.trainSeconds(),
                time.imagesPerSecond(),
                time.waitRatio(),
                loss,
                precision,
                Instant.now());
    }
}
