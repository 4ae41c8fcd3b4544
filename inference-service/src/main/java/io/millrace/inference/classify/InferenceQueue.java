// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.image.PixelGrid;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.registry.ServedModel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Bounded work: a request enters before anything is done for it, and one too many is turned away at once. Workers are
 * platform threads, few, since each native call uses all cores. Thread-safe.
 */
public final class InferenceQueue {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final int maxPending;
    private final AtomicInteger pending = new AtomicInteger();
    private final BlockingQueue<Job> jobs;
    private final List<Thread> workers;

    /**
     * Starts the workers.
     *
     * @param workers how many
     * @param maxPending requests that may be inside at one time
     * @param worker what one of them does until it is interrupted
     * @param lost told when one of them ends by an error
     */
    InferenceQueue(int workers, int maxPending, Worker.Factory worker, Thread.UncaughtExceptionHandler lost) {
        this.maxPending = maxPending;
        this.jobs = new ArrayBlockingQueue<>(maxPending);
        this.workers = IntStream.range(0, workers)
                .mapToObj(index -> thread(worker.create(jobs), index, lost))
                .toList();
    }

    private static Thread thread(Runnable worker, int index, Thread.UncaughtExceptionHandler lost) {
        Thread thread = new Thread(worker, "inference-" + index);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(lost);
        thread.start();
        return thread;
    }

    /** A request's place inside. */
    final class Place implements AutoCloseable {
        private final AtomicBoolean left = new AtomicBoolean();

        private Place() {}

        @Override
        public void close() {
            if (left.compareAndSet(false, true)) {
                pending.decrementAndGet();
            }
        }
    }

    /**
     * Takes a place, to be closed when the request is answered.
     *
     * @throws UnavailableException when there is none
     */
    Place enter() {
        if (pending.getAndUpdate(inside -> Math.min(inside + 1, maxPending)) == maxPending) {
            throw new UnavailableException(
                    maxPending + " requests are waiting already; try again in a moment", RETRY_AFTER);
        }
        return new Place();
    }

    /** Queues the images of a request that has a place. Fails when the network does. */
    CompletionStage<Job.Answer> submit(ServedModel.Lease lease, List<PixelGrid> images) {
        Job job = new Job(lease, images, System.nanoTime(), new CompletableFuture<>());
        // There is room: whoever is inside has one job at most.
        jobs.add(job);
        return job.answer();
    }

    /** Requests inside. */
    int pending() {
        return pending.get();
    }

    /** Whether all workers work; none ever ends on its own. */
    public boolean alive() {
        return workers.stream().allMatch(Thread::isAlive);
    }

    /** Lets the workers finish what they are at; what still waits is turned away. */
    public void close() throws InterruptedException {
        workers.forEach(Thread::interrupt);
        for (Thread worker : workers) {
            worker.join();
        }
        for (Job job = jobs.poll(); job != null; job = jobs.poll()) {
            job.answer().completeExceptionally(new UnavailableException("the service is stopping", RETRY_AFTER));
        }
    }
}
