// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.delta.Delta;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.publish.LeftAloneException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;

/** The replicas that a worker holds of a run, and what it has shared of them. For the training thread, but for what any may ask. */
public final class Replicas implements AutoCloseable {
    private final Opening opening;
    private final ConcurrentSkipListMap<Integer, Replica> held = new ConcurrentSkipListMap<>();
    /** By replica, the steps to which it was shared last. */
    private final Map<Integer, Long> shared = new HashMap<>();

    /** Takes a replica over. */
    @FunctionalInterface
    public interface Opening {
        /** Whoever had it before can write nothing more of it when this returns. */
        Replica open(int replica) throws InterruptedException, StoppedException;
    }

    /** None yet. */
    public Replicas(Opening opening) {
        this.opening = opening;
    }

    /** Their numbers. */
    public SortedSet<Integer> held() {
        return new TreeSet<>(held.keySet());
    }

    /** Whether one is among them. */
    public boolean holds(int replica) {
        return held.containsKey(replica);
    }

    /** Gives up all others. */
    public void retain(Collection<Integer> kept) {
        for (int replica : List.copyOf(held.keySet())) {
            if (!kept.contains(replica)) {
                held.remove(replica).close();
                shared.remove(replica);
            }
        }
    }

    /** Takes those over that are not here yet; whether there were any. */
    public boolean add(Collection<Integer> more) throws InterruptedException, StoppedException {
        boolean added = false;
        for (int replica : more) {
            if (!held.containsKey(replica)) {
                held.put(replica, opening.open(replica));
                added = true;
            }
        }
        return added;
    }

    /** See {@link Replica#batch}. */
    public Optional<ShardBatch> batch(int replica, long step, Optional<Long> offset, Duration atMost)
            throws InterruptedException {
        return held.get(replica).batch(step, offset, atMost);
    }

    /** Writes what one learnt. */
    public void share(Delta delta) {
        held.get(delta.replica()).share(delta);
        shared.put(delta.replica(), delta.to());
    }

    /** Whether the round that ends with a step was shared from here, and is on its way. */
    public boolean hasShared(int replica, long to) {
        return shared.getOrDefault(replica, 0L) == to;
    }

    /** What was shared of a replica did not arrive, or not as it was; whether anything was. */
    public boolean forget(int replica) {
        return shared.remove(replica) != null;
    }

    /** As {@link #forget}, of all. */
    public void forget() {
        shared.clear();
    }

    /**
     * Does nothing while all are this worker's.
     *
     * @throws LeftAloneException when another one has taken one over
     */
    public void check() throws LeftAloneException {
        for (Replica replica : held.values()) {
            replica.check();
        }
    }

    /** The first step that one of their logs does not hold; empty while none is missing. Any thread. */
    public Optional<Long> lacks() {
        return held.values().stream()
                .flatMap(replica -> replica.lacks().stream())
                .min(Long::compare);
    }

    /** Why one of them does not get on with Kafka; empty while they do. Any thread. */
    public Optional<String> problem() {
        return held.values().stream()
                .flatMap(replica -> replica.problem().stream())
                .findFirst();
    }

    @Override
    public void close() {
        retain(Set.of());
    }
}
