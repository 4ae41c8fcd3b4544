// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.publish;

import io.millrace.contracts.event.RunStatus;
import java.time.Duration;
import java.util.Objects;

/** Whether a status is worth telling now. For the writing thread. */
final class StatusNews {
    /** So often a run shows that somebody trains it, whether there is news of it or not. */
    private static final Duration AT_LEAST_EVERY = Duration.ofSeconds(10);

    private final Duration every;
    private RunStatus told;
    private long toldAt;

    StatusNews(Duration every) {
        this.every = every;
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
        return passed(AT_LEAST_EVERY) || told.step() != latest.step() && isTime();
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
