// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.ModelPromoted;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The newest promotion that is to be served, handed from the one who reads the topic to the one who loads. An older one
 * that was not loaded yet is forgotten; a record that was seen before changes nothing. Thread-safe.
 */
public final class LatestPromotion {
    private final Optional<String> model;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
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
