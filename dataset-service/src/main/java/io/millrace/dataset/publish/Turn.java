// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.dataset.run.RunRefusedException;
import java.util.concurrent.Semaphore;

/** Lets one do what takes much memory, and sends the others away. Thread-safe. */
final class Turn {
    private final Semaphore free = new Semaphore(1);

    /** What is done in one's turn. */
    @FunctionalInterface
    interface Work<T, E extends Exception> {
        T result() throws E;
    }

    /**
     * Does it, if nobody else is at it.
     *
     * @param what it is, for whoever is sent away
     * @throws RunRefusedException when somebody is: it passes
     */
    <T, E extends Exception> T take(String what, Work<T, E> work) throws E {
        if (!free.tryAcquire()) {
            throw RunRefusedException.passing(what + " is being made for somebody else, one at a time");
        }
        try {
            return work.result();
        } finally {
            free.release();
        }
    }
}
