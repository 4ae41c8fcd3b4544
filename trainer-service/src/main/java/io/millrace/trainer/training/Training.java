// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.round.StrayedException;
import java.util.Optional;

/** What the training thread is at: a run, or replicas of one. */
interface Training {
    /** How the run stands; empty before it begins. Any thread. */
    Optional<Progress> progress();

    /** Why it does not get on with Kafka; empty while it does. Any thread. */
    Optional<String> problem();

    /**
     * Trains to the end, or until this worker is to do something else.
     *
     * @throws LeftAloneException when it is another process's now
     * @throws StrayedException when what this worker has is not what the others have
     * @throws StoppedException when the process is to stop before
     */
    void train() throws InterruptedException, StoppedException, LeftAloneException, StrayedException;
}
