// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.pool.Holding;
import io.millrace.trainer.pool.Pool;
import io.millrace.trainer.round.DeltaReader;
import io.millrace.trainer.round.Replicas;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The moves of a run's replicas to this worker and away from it, while the run is trained. Where replica 0 would move, it is
 * for others to open the run anew. For the training thread.
 */
final class Moves {
    private static final Logger LOGGER = Logger.getLogger(Moves.class);

    private final RunSpec run;
    private final Pool pool;
    private final Replicas replicas;
    private final DeltaReader deltas;
    private final TurnAttempts attempts;
    private final boolean leads;
    /** What the pool knows that this worker is at. */
    private Holding begun;

    /** @param leads whether replica 0 is among those that are held */
    Moves(RunSpec run, Pool pool, Replicas replicas, DeltaReader deltas, TurnAttempts attempts, boolean leads) {
        this.run = run;
        this.pool = pool;
        this.replicas = replicas;
        this.deltas = deltas;
        this.attempts = attempts;
        this.leads = leads;
    }

    /** Takes what the pool gives and leaves what it takes; to be called while no step is being made. */
    void make() throws InterruptedException, StoppedException {
        Optional<Holding> held = pool.holding().filter(holding -> holding.isOf(run.incarnation()));
        if (held.isEmpty() || held.get().equals(begun) || held.get().replicas().contains(0) != leads) {
            return;
        }
        Set<Integer> wanted = held.get().replicas();
        replicas.retain(wanted);
        attempts.retain(wanted);
        if (!pool.begin(held.get())) {
            return;
        }
        begun = held.get();
        if (replicas.add(wanted)) {
            // Whoever had them has written its last by now.
            deltas.mark();
            LOGGER.infof("Replicas of a run are held. runId=%s replicas=%s", run.runId(), wanted);
        }
    }
}
