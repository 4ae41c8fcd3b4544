// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.contracts.event.RunSpec;
import io.millrace.local.tune.Course.Figure;
import io.millrace.local.watch.OrderedRun;
import java.util.List;
import java.util.Optional;

/** What a search needs of a running stack. What is asked of it may be asked again. */
public interface Pool {
    /**
     * What became of a wish that was not refused.
     *
     * @param why it was not done; empty where it was
     */
    record Answer(Kind kind, String why) {
        /** Of answers. */
        public enum Kind {
            DONE,
            /** The run is not as it was when somebody looked: it ended or was removed meanwhile, or is there already. */
            CHANGED,
            /** Nobody answers now. It may have been done. */
            SILENT
        }

        public static final Answer DONE = new Answer(Kind.DONE, "");
    }

    /** All runs that there are; empty when nobody answers. */
    Optional<List<OrderedRun>> runs();

    /** What the validation split said of a run at the end of an epoch, from 1; empty when its curves have no such point now. */
    Optional<Figure> figure(RunSpec run, int epoch) throws InterruptedException;

    /**
     * Makes sure that figures can be had, before anything is trained.
     *
     * @throws io.millrace.local.Refusal when they cannot, with the remedy
     */
    void requireFigures() throws InterruptedException;

    /**
     * Orders a trial.
     *
     * @throws io.millrace.local.Refusal when it is refused
     */
    Answer order(Trial trial) throws InterruptedException;

    /**
     * Stops a run.
     *
     * @throws io.millrace.local.Refusal when it is refused
     */
    Answer stop(String runId) throws InterruptedException;

    /** Goes on with a run that was stopped, as well. */
    Answer resume(String runId) throws InterruptedException;
}
