// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.round.StrayedException;
import java.util.Optional;

/** Brings a run forward, from a fresh or a restored learner on. For the training thread, but for what any may ask. */
interface Loop extends AutoCloseable {
    /** Whether all steps are done, or the run is to end before. */
    boolean complete();

    /** How the run stands. Any thread. */
    Progress progress();

    /** Why what it reads and shares does not come and go; empty while it does. Any thread. */
    Optional<String> problem();

    /** Steps that no checkpoint holds, not even one that is being written. */
    long stepsSinceSnapshot();

    /**
     * Waits a moment for what comes next, and does it.
     *
     * @throws RunFailedException when the run cannot go on
     */
    void advance()
            throws InterruptedException, RunFailedException, StoppedException, LeftAloneException, StrayedException;

    /** Copies the run as it stands, or stood last where a checkpoint can be, and has it written. */
    void snapshot() throws RunFailedException, InterruptedException;

    /** Ends what it reads by. */
    @Override
    void close();
}
