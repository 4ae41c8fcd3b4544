// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import io.millrace.contracts.event.RunSpec;
import java.time.Instant;
import java.util.Comparator;

/**
 * What a run that is to be trained asks of the pool.
 *
 * @param runId its id
 * @param incarnation what tells it from others of its id
 * @param priority those of a higher one come first
 * @param team whose it is
 * @param replicas how many have to have a holder
 * @param workersMax so many workers may share them, at least 1
 * @param createdAt among equals the older one comes first
 */
public record Demand(
        String runId, String incarnation, int priority, String team, int replicas, int workersMax, Instant createdAt) {
    /** The order of those that nothing else puts in one. */
    public static final Comparator<Demand> OLDEST =
            Comparator.comparing(Demand::createdAt).thenComparing(Demand::incarnation);

    /** What a run asks for: one that is not trained in rounds has one worker, for all of its shards in one step. */
    public static Demand of(RunSpec run) {
        return new Demand(
                run.runId(),
                run.incarnation(),
                run.priority(),
                run.team() == null ? Team.DEFAULT : run.team(),
                run.inRounds() ? run.shards() : 1,
                run.workers() == null || run.workers().max() == null
                        ? run.shards()
                        : run.workers().max(),
                run.createdAt());
    }

    /** So many workers can be of use to it. */
    int mostWorkers() {
        return Math.min(replicas, workersMax);
    }
}
