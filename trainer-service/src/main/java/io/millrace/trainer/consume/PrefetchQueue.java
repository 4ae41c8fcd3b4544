// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * Decoded steps between the thread that reads and the one that trains. It is full at a number of steps or of bytes,
 * whichever comes first, and until half of it is used up: who reads wakes for a number of steps, not for each one, since
 * it wakes on a processor that trains. What was read and is no whole step yet counts, too; but an empty queue is never
 * full, since what lies beside it may wait for more. Thread-safe.
 */
final class PrefetchQueue {
    private final int maxSteps;
    private final long maxBytes;
    private final Queue<StepInput> steps = new ArrayDeque<>();
    private long bytes;
    /** Of batches that are no whole step yet. */
    private long beside;

    private boolean full;
    private Throwable failure;

    PrefetchQueue(int maxSteps, long maxBytes) {
        this.maxSteps = maxSteps;
        this.maxBytes = maxBytes;
    }

    int maxSteps() {
        return maxSteps;
    }

    /** Adds a step, even to a full queue: who reads stops to fetch when it is full, and keeps what it has. */
    synchronized void put(StepInput step) {
        steps.add(step);
        bytes += step.bytes();
        fill();
        notifyAll();
    }

    /** So many bytes are held that are no whole step yet. */
    synchronized void beside(long held) {
        beside = held;
        fill();
    }

    private void fill() {
        full |= !steps.isEmpty() && (steps.size() >= maxSteps || overfull());
    }

    synchronized boolean full() {
        return full;
    }

    /** Whether all that is held takes as much memory as it may. */
    synchronized boolean overfull() {
        return bytes() >= maxBytes;
    }

    /** Memory of all that is held. */
    synchronized long bytes() {
        return bytes + beside;
    }

    /** Waits until it is not full, at most so long. */
    synchronized void awaitSpace(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        long left = atMost.toNanos();
        while (full && left > 0) {
            wait(left / 1_000_000 + 1);
            left = deadline - System.nanoTime();
        }
    }

    /** Ends the queue: after what lies in it, {@link #poll} throws this. */
    synchronized void fail(Throwable reason) {
        failure = reason;
        notifyAll();
    }

    /**
     * The next step; empty when none came in time.
     *
     * @throws IllegalStateException when none will come, for a reason that is not the run's
     */
    synchronized Optional<StepInput> poll(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        long left = atMost.toNanos();
        while (steps.isEmpty() && failure == null && left > 0) {
            wait(left / 1_000_000 + 1);
            left = deadline - System.nanoTime();
        }
        StepInput step = steps.poll();
        if (step == null && failure != null) {
            throw new IllegalStateException("reading batches failed: " + failure, failure);
        }
        if (step != null) {
            bytes -= step.bytes();
            boolean halfEmpty = steps.size() <= maxSteps / 2 && bytes() <= maxBytes / 2;
            if (full && (halfEmpty || steps.isEmpty())) {
                full = false;
                notifyAll();
            }
        }
        return Optional.ofNullable(step);
    }
}
