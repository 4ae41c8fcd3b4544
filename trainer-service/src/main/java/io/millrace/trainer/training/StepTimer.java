// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Position;

/** Measures where the time of one process goes while it trains a run. For the training thread. */
final class StepTimer {
    private final double earlierTrainSeconds;
    private final double earlierWaitSeconds;
    private long firstBegin = -1;
    private long lastEnd = -1;
    private long stepBegin;
    private long waited;
    private long steps;
    private long samples;

    /** Goes on from a position. */
    StepTimer(Position from) {
        this.earlierTrainSeconds = from.trainSeconds();
        this.earlierWaitSeconds = from.waitSeconds();
    }

    /** So long a batch was waited for. Before the first step nothing is measured: nobody trains yet. */
    void waited(long nanos) {
        if (firstBegin >= 0) {
            waited += nanos;
        }
    }

    void begin() {
        stepBegin = System.nanoTime();
        if (steps == 0) {
            firstBegin = stepBegin;
        }
    }

    /** @return nanoseconds of the step */
    long end(int samplesOfStep) {
        return end(samplesOfStep, 1);
    }

    /**
     * Of several steps.
     *
     * @param samplesOfSteps in all of them
     * @return nanoseconds of all of them
     */
    long end(long samplesOfSteps, long more) {
        lastEnd = System.nanoTime();
        steps += more;
        samples += samplesOfSteps;
        return lastEnd - stepBegin;
    }

    TrainingTime time() {
        double seconds = steps == 0 ? 0 : (lastEnd - firstBegin) / 1e9;
        return new TrainingTime(earlierTrainSeconds, earlierWaitSeconds, seconds, waited / 1e9, steps, samples);
    }
}
