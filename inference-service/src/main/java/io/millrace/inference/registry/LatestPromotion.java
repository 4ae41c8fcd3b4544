// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.kafka.EventTable;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * The newest promotion that is to be served, handed from the one who reads the topic to the one who loads; not before the
 * whole topic was read, so that a restart loads the one that counts and not those before it. An older one that was not
 * loaded yet is passed over, and remembered for the case that the newest cannot be loaded. Thread-safe.
 */
public final class LatestPromotion implements EventTable.Listener<ModelPromoted> {
    private static final int REMEMBERED = 16;

    private final Optional<String> model;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Newest first. */
    private final Deque<Candidate> seen = new ArrayDeque<>();

    /** What is promoted, by name; of the reading thread. */
    private final Map<String, ModelPromoted> promoted = new HashMap<>();

    /** That one of them which counts; of the reading thread. */
    private ModelPromoted latest;

    private Candidate waiting;
    private boolean replayed;

    /**
     * Waits for promotions.
     *
     * @param model the only name that matters; empty: any
     */
    public LatestPromotion(Optional<String> model) {
        this.model = model;
    }

    @Override
    public void event(String name, ModelPromoted promotion, long offset) {
        if (model.isPresent() && !model.get().equals(name)) {
            return;
        }
        if (promotion == null) {
            withdrawn(name);
            return;
        }
        promoted.put(name, promotion);
        if (isLatest(promotion)) {
            latest = promotion;
            offer(Candidate.of(promotion));
        } else {
            Log.infof(
                    "Promotion passed over: another name was promoted later. model=%s promotedAt=%s later=%s at=%s",
                    name, promotion.promotedAt(), latest.model(), latest.promotedAt());
        }
    }

    /** What was promoted last of the other names counts from now on, for who has not loaded this one yet. */
    private void withdrawn(String name) {
        Log.infof("Promotion withdrawn; the model that is served stays. model=%s", name);
        promoted.remove(name);
        if (latest == null || !latest.model().equals(name)) {
            return;
        }
        latest = promoted.values().stream()
                .max(Comparator.comparing(ModelPromoted::promotedAt))
                .orElse(null);
        lock.lock();
        try {
            if (waiting != null && waiting.model().equals(name)) {
                waiting = latest == null ? null : Candidate.of(latest);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What was only unpinned, or got another shadow, was not promoted after what is served. Of the one name all is news. */
    private boolean isLatest(ModelPromoted promotion) {
        return latest == null
                || latest.model().equals(promotion.model())
                || !promotion.promotedAt().isBefore(latest.promotedAt());
    }

    private void offer(Candidate candidate) {
        lock.lock();
        try {
            waiting = candidate;
            seen.addFirst(candidate);
            if (seen.size() > REMEMBERED) {
                seen.removeLast();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void replayed() {
        lock.lock();
        try {
            replayed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What is served stays until the topic says something else. */
    @Override
    public void cleared() {
        promoted.clear();
        latest = null;
        lock.lock();
        try {
            replayed = false;
            waiting = null;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a promotion and takes it. */
    Candidate take() throws InterruptedException {
        lock.lock();
        try {
            while (!isNewer()) {
                changed.await();
            }
            Candidate taken = waiting;
            waiting = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private boolean isNewer() {
        return replayed && waiting != null;
    }

    /**
     * What was promoted before under the same name and is another checkpoint: what was seen, newest first, then what the
     * promotions themselves name, since the topic keeps but the last one of a name.
     */
    List<Candidate> before(Candidate candidate) {
        lock.lock();
        try {
            List<Candidate> seenBefore = seen.stream()
                    .dropWhile(other -> !other.equals(candidate))
                    .filter(other -> other.model().equals(candidate.model()))
                    .toList();
            Map<CheckpointRef, Candidate> others = new LinkedHashMap<>();
            seenBefore.forEach(other -> others.putIfAbsent(other.checkpoint(), other));
            Stream.concat(Stream.of(candidate), seenBefore.stream())
                    .flatMap(other -> other.before().stream())
                    .forEach(other -> others.putIfAbsent(other.checkpoint(), other));
            others.remove(candidate.checkpoint());
            return List.copyOf(others.values());
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is a newer promotion to take. */
    boolean hasNewer() {
        lock.lock();
        try {
            return isNewer();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a while, or until there is a newer promotion to take; answers whether there is. */
    boolean awaitNewer(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (!isNewer() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return isNewer();
        } finally {
            lock.unlock();
        }
    }
}
