// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.batch;

import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.registry.BatchClassifier;
import io.millrace.model.Predictions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The images that wait for one model. While a call runs, others gather; when a thread is free it takes up to N of them. It does not wait
 * for more, unless somebody is seen coming: then for T at most. So a request that is alone never waits, and the more requests there
 * are the larger are the calls. A request with more than N images takes turns with others. Thread-safe.
 */
final class Batcher {
    private final BatchClassifier network;
    private final BatchLimits limits;
    private final BooleanSupplier coming;
    private final InferenceMetrics metrics;
    private final Runnable ready;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Job> jobs = new ArrayDeque<>();
    /** Whether a thread was asked for that has not come yet. */
    private boolean called;

    /**
     * A batcher without jobs.
     *
     * @param coming whether requests are about to hand over images
     * @param ready told when there is something to {@link #run}
     */
    Batcher(
            BatchClassifier network,
            BatchLimits limits,
            BooleanSupplier coming,
            InferenceMetrics metrics,
            Runnable ready) {
        this.network = network;
        this.limits = limits;
        this.coming = coming;
        this.metrics = metrics;
        this.ready = ready;
    }

    /** Takes a job, which ends with its ticket at the latest. */
    void add(Job job) {
        boolean call;
        lock.lock();
        try {
            jobs.addLast(job);
            call = !called;
            called = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (call) {
            ready.run();
        }
        job.ticket().onOver(reason -> drop(job, reason));
    }

    /** Takes a job away; what the network has of it already is finished first. */
    void drop(Job job, Throwable reason) {
        if (job.answer().isDone()) {
            return;
        }
        lock.lock();
        try {
            jobs.remove(job);
        } finally {
            lock.unlock();
        }
        job.drop(reason);
    }

    /** Everything that waits is turned away. */
    void close(Throwable reason) {
        List<Job> left;
        lock.lock();
        try {
            left = List.copyOf(jobs);
        } finally {
            lock.unlock();
        }
        left.forEach(job -> drop(job, reason));
    }

    /** Makes one call of the network, if anything waits. */
    void run() throws InterruptedException {
        List<Job.Slice> batch = gather();
        if (!batch.isEmpty()) {
            run(batch);
        }
    }

    private List<Job.Slice> gather() throws InterruptedException {
        boolean more;
        List<Job.Slice> batch;
        lock.lock();
        try {
            long left = limits.delay().toNanos();
            while (waiting() < limits.images() && coming.getAsBoolean() && left > 0) {
                left = changed.awaitNanos(left);
            }
            batch = take();
            more = !jobs.isEmpty();
            called = more;
        } finally {
            lock.unlock();
        }
        if (more) {
            ready.run();
        }
        return batch;
    }

    private int waiting() {
        return jobs.stream().mapToInt(Job::waiting).sum();
    }

    private List<Job.Slice> take() {
        List<Job.Slice> batch = new ArrayList<>();
        int room = limits.images();
        while (room > 0 && !jobs.isEmpty()) {
            Job job = jobs.removeFirst();
            if (job.waiting() == 0) {
                continue;
            }
            Job.Slice slice = job.take(room);
            batch.add(slice);
            room -= slice.size();
            if (job.waiting() > 0) {
                jobs.addLast(job);
            }
        }
        return batch;
    }

    private void run(List<Job.Slice> batch) {
        List<byte[]> all = new ArrayList<>();
        batch.forEach(slice -> all.addAll(slice.images()));
        long begin = System.nanoTime();
        Predictions predictions;
        try {
            predictions = network.predict(all);
        } catch (RuntimeException | Error e) {
            // One bad call must not end the thread, which serves all others; nor is one request to blame for another's.
            if (batch.size() == 1) {
                batch.get(0).job().failed(e);
            } else {
                batch.forEach(slice -> run(List.of(slice)));
            }
            return;
        }
        long nanos = System.nanoTime() - begin;
        metrics.ran(all.size());
        int at = 0;
        for (Job.Slice slice : batch) {
            if (slice.from() == 0) {
                metrics.queued(Duration.ofNanos(slice.job().queueNanos()));
            }
            slice.job().answered(slice, predictions, at, nanos);
            at += slice.size();
        }
    }
}
