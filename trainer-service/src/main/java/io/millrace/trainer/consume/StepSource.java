// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import java.time.Duration;
import java.util.Optional;

/** The steps of a run in their order, from wherever. {@link #poll} is for one training thread, the rest for any. */
public interface StepSource extends AutoCloseable {
    /**
     * The next step; empty when none came in time.
     *
     * @throws IllegalStateException when reading died
     */
    Optional<StepInput> poll(Duration atMost) throws InterruptedException;

    /** The step, from 0, that is not to be had and is waited for; empty while none is missing. */
    Optional<Long> lacks();

    /** Why steps cannot be read, with the remedy where there is one; empty while they can. */
    Optional<String> problem();

    /** Stops to read. */
    @Override
    void close();
}
