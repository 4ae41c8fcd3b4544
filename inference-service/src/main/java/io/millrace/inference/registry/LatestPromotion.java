// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.ModelPromoted;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The newest promotion that is to be served, handed from the one who reads the topic to the one who loads. An older one
 * that was not loaded yet is passed over, and remembered for the case that the newest cannot be loaded; a record that
 * was seen before changes nothing. Thread-safe.
 */
public final class LatestPromotion {
    private static final int REMEMBERED = 16;

    private final Optional<String> model;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Newest first. */
    private final Deque<ModelPromoted> seen = new ArrayDeque<>();

    private ModelPromoted waiting;
    private long offset = -1;

    /**
     * Waits for promotions.
     *
     * @param model the only name that matters; empty: any
     */
    public LatestPromotion(Optional<String> model) {
        this.model = model;
    }

    /** Says what stands in the topic at an offset. */
    public void offer(ModelPromoted promotion, long at) {
        if (model.isPresent() && !model.get().equals(promotion.model())) {
            return;
        }
        lock.lock();
        try {
            if (at > offset) {
                offset = at;
                waiting = promotion;
                seen.addFirst(promotion);
                if (seen.size() > REMEMBERED) {
                    seen.removeLast();
                }
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a promotion and takes it. */
    ModelPromoted take() throws InterruptedException {
        lock.lock();
        try {
            while (waiting == null) {
                changed.await();
            }
            ModelPromoted taken = waiting;
            waiting = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** What was promoted before under the same name and is another checkpoint, newest first. */
    List<ModelPromoted> before(ModelPromoted promotion) {
        lock.lock();
        try {
            return seen.stream()
                    .dropWhile(other -> other != promotion)
                    .filter(other -> other.model().equals(promotion.model())
                            && !other.checkpoint().equals(promotion.checkpoint()))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a while, or until there is a newer promotion to take; answers whether there is. */
    boolean awaitNewer(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (waiting == null && left > 0) {
                left = changed.awaitNanos(left);
            }
            return waiting != null;
        } finally {
            lock.unlock();
        }
    }
}
