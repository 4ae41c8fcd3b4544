// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import java.time.Duration;
import java.util.Optional;

/**
 * The pool as one of its workers sees it, for whoever trains. Nothing here waits for the broker. What it says may be older
 * than what the others know: fencing, not the pool, keeps two workers from writing about one replica. Thread-safe.
 */
public interface Pool {
    /**
     * What this worker is to hold from its next boundary (the end of a step, or of a round) on; empty: nothing. To be
     * asked at each boundary. Of another run than the one at hand: that one is left, with a checkpoint, before the other
     * is begun. Empty, too, while it is not sure that the others still count on this worker.
     */
    Optional<Holding> holding();

    /** The same, as soon as there is something that is not at hand; empty when nothing came in time. */
    Optional<Holding> await(Duration atMost) throws InterruptedException;

    /**
     * This worker is at these replicas from now on: nobody else is given them until it has left them.
     *
     * @return false where they are not its any more, or where it is not sure of it: it may not begin, and asks again
     */
    boolean begin(Holding holding);

    /** This worker has left what it was at, and writes nothing more about it: others may begin. */
    void leave();

    /**
     * This worker cannot train a run, however long it lives; others may.
     *
     * @param reason for people, as a sentence
     */
    void refuse(String incarnation, String reason);
}
