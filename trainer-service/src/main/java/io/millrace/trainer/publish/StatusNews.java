// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.publish;

import io.millrace.contracts.event.RunStatus;
import java.time.Duration;
import java.util.Objects;

/** Whether a status is worth telling now. For the writing thread. */
final class StatusNews {
    private final Duration every;
    private final Duration atLeastEvery;
    private RunStatus told;
    private long toldAt;

    StatusNews(Duration every, Duration atLeastEvery) {
        this.every = every;
        this.atLeastEvery = atLeastEvery;
    }

    /** What somebody has to act upon is told at once, progress in turn, and now and then that there is none. */
    boolean isDue(RunStatus latest) {
        if (told == null
                || told.checkpoints() != latest.checkpoints()
                || !Objects.equals(told.lacks(), latest.lacks())
                || !Objects.equals(told.validationProblem(), latest.validationProblem())
                || !Objects.equals(told.checkpointProblem(), latest.checkpointProblem())) {
            return true;
        }
        return passed(atLeastEvery) || told.step() != latest.step() && isTime();
    }

    /** Whether it is the turn of what can wait. */
    boolean isTime() {
        return told == null || passed(every);
    }

    private boolean passed(Duration time) {
        return System.nanoTime() - toldAt >= time.toNanos();
    }

    void told(RunStatus status) {
        told = status;
        toldAt = System.nanoTime();
    }
}
