// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.contracts.event.RunSpec;
import io.millrace.local.tune.Course.Figure;
import io.millrace.local.watch.OrderedRun;
import java.util.List;
import java.util.Optional;

/** What a search needs of a running stack. What is asked of it may be asked again. */
public interface Pool {
    /** All runs that there are; empty when nobody answers. */
    Optional<List<OrderedRun>> runs();

    /** What the validation split said of a run at the end of an epoch, from 1; empty when its curves have no such point now. */
    Optional<Figure> figure(RunSpec run, int epoch);

    /**
     * Orders a trial.
     *
     * @throws io.millrace.local.Refusal when it is refused
     */
    void order(Trial trial) throws InterruptedException;

    /** Stops a run. It is no error if it ended meanwhile, or nobody answers. */
    void stop(String runId);

    /** Goes on with a run that was stopped, as well. */
    void resume(String runId);
}
