// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.Snapshot;
import io.millrace.local.watch.TrainerRun;
import java.time.Duration;

/** How often a stack is asked how it stands: asking takes from the processor that the work wants as well. */
enum Pace {
    /** Something is about to happen that somebody waits for. */
    EAGER(Duration.ofMillis(300), 1),
    /** The training runs, or is stopped: it alone is asked every second, everything else less often. */
    STEADY(Duration.ofSeconds(1), 5),
    /** The run is over, and what is served stays. */
    CALM(Duration.ofSeconds(5), 1);

    private final Duration pause;
    private final int roundsPerPoll;

    Pace(Duration pause, int roundsPerPoll) {
        this.pause = pause;
        this.roundsPerPoll = roundsPerPoll;
    }

    /**
     * As the last answers say.
     *
     * @param over whether the run has reached its goal, or failed
     */
    static Pace of(Snapshot now, boolean over) {
        if (over) {
            return CALM;
        }
        boolean ended = now.order().filter(OrderedRun::ended).isPresent();
        boolean trains = now.training().filter(TrainerRun::running).isPresent();
        boolean stopped = now.order().filter(OrderedRun::stopped).isPresent();
        return stopped || trains && !ended ? STEADY : EAGER;
    }

    /** Until the next question. */
    Duration pause() {
        return pause;
    }

    /** Whether everything is asked in a round, or the training alone. */
    boolean asksAll(int round) {
        return round % roundsPerPoll == 0;
    }
}
