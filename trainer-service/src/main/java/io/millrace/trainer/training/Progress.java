// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.event.Validated;
import java.time.Instant;
import java.util.Optional;

/**
 * How the run at hand stands, at one moment.
 *
 * @param run what is trained
 * @param compute what decides the bits of its weights
 * @param start what it started from; null: fresh weights
 * @param step steps done
 * @param samples training samples so far
 * @param lostBatches batches so far that could not be read
 * @param time how long it took
 * @param loss mean over the latest steps; null before the first
 * @param accuracy of training over the latest steps, 0 to 1; null before the first
 * @param learningRate of the latest step
 * @param validation what the validation split said last; null before, and of a run without one
 * @param around what other threads know of it
 */
public record Progress(
        RunSpec run,
        Compute compute,
        Lineage start,
        long step,
        long samples,
        long lostBatches,
        TrainingTime time,
        Double loss,
        Double accuracy,
        double learningRate,
        Validated validation,
        Around around) {

    /**
     * What happens around the training thread.
     *
     * @param checkpoints announced so far
     * @param checkpointProblem why the latest attempt at a checkpoint failed; null when it did not
     * @param validationProblem why the validation split is not there; null while it is
     * @param lacks the step that the run's log does not hold; null while it may hold all
     */
    public record Around(int checkpoints, String checkpointProblem, String validationProblem, Long lacks) {
        static final Around NOTHING = new Around(0, null, null, null);
    }

    /** Epochs begun. */
    public int epoch() {
        return step == 0 ? 0 : (int) ((step - 1) / run.batchesPerEpoch()) + 1;
    }

    /** Seconds to the last step at the pace so far; empty before there is one. */
    public Optional<Double> etaSeconds() {
        return time.secondsPerStep().map(seconds -> seconds * (run.steps() - step));
    }

    Progress with(Around now) {
        return new Progress(
                run, compute, start, step, samples, lostBatches, time, loss, accuracy, learningRate, validation, now);
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
                run.epochs(),
                samples,
                around.checkpoints(),
                time.trainSeconds(),
                time.imagesPerSecond(),
                time.waitRatio(),
                loss,
                lostBatches,
                around.lacks(),
                around.checkpointProblem(),
                validation,
                around.validationProblem(),
                compute,
                start == null ? null : start.adaptations(),
                now(run));
    }

    /** As the last word on a run that has come to its end. */
    RunStatus finished() {
        return status(State.FINISHED, validation == null ? null : validation.stop());
    }

    /**
     * Of a run of which this process has not trained a step.
     *
     * @param known what was said of it last
     */
    static RunStatus before(RunSpec run, Optional<RunStatus> known, State state, String reason) {
        return new RunStatus(
                run.runId(),
                state,
                reason,
                known.map(RunStatus::step).orElse(0L),
                run.steps(),
                known.map(RunStatus::epoch).orElse(0),
                run.epochs(),
                known.map(RunStatus::samples).orElse(0L),
                known.map(RunStatus::checkpoints).orElse(0),
                known.map(RunStatus::trainSeconds).orElse(0.0),
                known.map(RunStatus::imagesPerSecond).orElse(0.0),
                known.map(RunStatus::waitRatio).orElse(0.0),
                known.map(RunStatus::loss).orElse(null),
                known.map(RunStatus::lostBatches).orElse(null),
                null,
                null,
                known.map(RunStatus::validation).orElse(null),
                null,
                known.map(RunStatus::compute).orElse(null),
                known.map(RunStatus::adaptations).orElse(null),
                now(run));
    }

    /** Of a run that is to be trained, and that nobody is at. */
    static RunStatus waiting(RunSpec run, Optional<RunStatus> known, String waits) {
        return before(run, known, State.RUNNING, null).waitingFor(waits);
    }

    /** Of one of which nobody can tell what it is. */
    static RunStatus unreadable(String runId, String reason) {
        return new RunStatus(
                runId,
                State.FAILED,
                reason,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Instant.now());
    }

    /** Whatever the clocks of two machines say, a status comes after its run. */
    private static Instant now(RunSpec run) {
        Instant now = Instant.now();
        return now.isBefore(run.createdAt()) ? run.createdAt() : now;
    }

    /**
     * As a point of the run's curves.
     *
     * @param meanLoss since the point before; null when nothing was trained
     * @param meanAccuracy as well
     */
    MetricPoint point(Double meanLoss, Double meanAccuracy) {
        Optional<Validated> fresh = Optional.ofNullable(validation).filter(epoch -> epoch.step() == step);
        return new MetricPoint(
                run.runId(),
                run.incarnation(),
                step,
                epoch(),
                samples,
                meanLoss,
                meanAccuracy,
                learningRate,
                time.imagesPerSecond(),
                time.waitRatio(),
                time.trainSeconds(),
                lostBatches,
                fresh.map(Validated::loss).orElse(null),
                fresh.map(Validated::accuracy).orElse(null),
                Instant.now());
    }
}
