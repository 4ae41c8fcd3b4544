// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import java.util.Optional;

/**
 * Where the training thread's time went. Processes before this one are in {@code earlier…}, so that a resumed run tells
 * the whole; the pause between processes counts as nothing.
 *
 * @param earlierTrainSeconds of the processes before
 * @param earlierWaitSeconds of the processes before
 * @param seconds wall time of this process from the begin of its first step to the end of its latest one
 * @param waitSeconds part of it in which the thread waited for batches
 * @param steps of this process
 * @param samples of this process
 */
public record TrainingTime(
        double earlierTrainSeconds,
        double earlierWaitSeconds,
        double seconds,
        double waitSeconds,
        long steps,
        long samples) {

    /** Wall time of all processes. */
    public double trainSeconds() {
        return earlierTrainSeconds + seconds;
    }

    /** Waiting time of all processes. */
    public double waitedSeconds() {
        return earlierWaitSeconds + waitSeconds;
    }

    /** Samples over time, of this process. */
    public double imagesPerSecond() {
        return seconds > 0 ? samples / seconds : 0;
    }

    /** Part of the time in which the thread waited, 0 to 1, of all processes. */
    public double waitRatio() {
        return trainSeconds() > 0 ? waitedSeconds() / trainSeconds() : 0;
    }

    /** Of this process; empty before its first step. */
    public Optional<Double> secondsPerStep() {
        return steps > 0 ? Optional.of(seconds / steps) : Optional.empty();
    }
}
