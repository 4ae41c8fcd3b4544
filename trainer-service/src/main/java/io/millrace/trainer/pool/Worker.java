// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import java.util.Map;
import java.util.Optional;

/**
 * A member of the pool, for the choice of what it holds.
 *
 * @param id of the member
 * @param slots how much it counts, at least 1: its devices
 * @param held what it was given last, or is at
 * @param unable why it cannot train some runs, by their incarnations
 */
record Worker(String id, int slots, Optional<Holding> held, Map<String, String> unable) {
    boolean holds(Demand run) {
        return held.filter(holding -> holding.isOf(run.incarnation())).isPresent();
    }

    /** How many replicas it has. */
    int replicas() {
        return held.map(holding -> holding.replicas().size()).orElse(0);
    }

    /** How many of a run's it has. */
    int replicasOf(Demand run) {
        return holds(run) ? replicas() : 0;
    }

    boolean isAble(Demand run) {
        return !unable.containsKey(run.incarnation());
    }
}
