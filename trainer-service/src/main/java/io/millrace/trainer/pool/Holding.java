// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a worker holds: replicas of one run, at least one. Immutable.
 *
 * @param incarnation of the run
 * @param replicas their numbers, from 0
 */
public record Holding(String incarnation, SortedSet<Integer> replicas) {
    public Holding {
        if (incarnation == null || incarnation.isBlank()) {
            throw new IllegalArgumentException("a holding is of a run, and names its incarnation");
        }
        if (replicas == null || replicas.isEmpty() || replicas.first() < 0) {
            throw new IllegalArgumentException(
                    "a holding of " + incarnation + " has replicas, from 0 on; it has " + replicas);
        }
        replicas = Collections.unmodifiableSortedSet(new TreeSet<>(replicas));
    }

    /** Of some replicas of a run. */
    public static Holding of(String incarnation, Collection<Integer> replicas) {
        return new Holding(incarnation, new TreeSet<>(replicas));
    }

    /** Whether it is of this run. */
    public boolean isOf(String run) {
        return incarnation.equals(run);
    }

    /** The run's id. */
    public String runId() {
        return incarnation.substring(0, Math.max(0, incarnation.lastIndexOf('-')));
    }

    /** {@code <incarnation>/0,1,…}. */
    @Override
    public String toString() {
        return incarnation + "/" + replicas.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
