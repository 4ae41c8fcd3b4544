// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.trainer.consume.RunFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Writes and announces the checkpoints of one run on a thread of its own, so that training goes on meanwhile. A store or a
 * broker that fails is tried again until it does not; what no attempt will ever mend ends the run. One snapshot may wait while another is being written; a newer one takes its place,
 * and the range of records that is announced grows accordingly. Thread-safe.
 */
public final class Checkpointer implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(Checkpointer.class);
    private static final Duration LAST_ATTEMPT = Duration.ofSeconds(5);

    private final CheckpointWriter writer;
    private final Retry retry;
    private final CheckpointObserver observer;
    private final Thread thread;
    private Snapshot waiting;
    private boolean idle;
    private boolean closed;
    private Throwable failure;
    private volatile String problem;

    /**
     * Starts the writing thread.
     *
     * @param again announced first: the checkpoint that the run resumes from
     */
    public Checkpointer(
            CheckpointWriter writer, Optional<CheckpointPublished> again, Retry retry, CheckpointObserver observer) {
        this.writer = writer;
        this.retry = retry;
        this.observer = observer;
        this.thread = new Thread(() -> work(again), "checkpoint-writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes a snapshot to be written; returns at once. */
    public synchronized void submit(Snapshot snapshot) {
        waiting = waiting == null ? snapshot : replace(waiting, snapshot);
        idle = false;
        notifyAll();
    }

    private Snapshot replace(Snapshot older, Snapshot newer) {
        LOGGER.infof("Checkpoint of step %d gives way to that of step %d", older.step(), newer.step());
        observer.superseded();
        return newer.inPlaceOf(older);
    }

    /** Waits until everything is written and announced; false when that takes longer, or will never be. */
    public synchronized boolean awaitIdle(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        long left = atMost.toNanos();
        while (!idle && failure == null && left > 0) {
            wait(left / 1_000_000 + 1);
            left = deadline - System.nanoTime();
        }
        return idle;
    }

    /** Checkpoints of the run that were announced so far. */
    public int announced() {
        return writer.announced();
    }

    /** Why the latest attempt failed; empty when it did not. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Does nothing while checkpoints are written, sooner or later.
     *
     * @throws RunFailedException when one of this run never can be
     * @throws IllegalStateException when the writing thread died of something that is no fault of the run
     */
    public synchronized void check() throws RunFailedException {
        if (failure instanceof RuntimeException) {
            throw new RunFailedException("a checkpoint cannot be made: " + failure, failure);
        }
        if (failure != null) {
            throw new IllegalStateException("writing checkpoints failed: " + failure, failure);
        }
    }

    private synchronized void fail(Throwable reason) {
        failure = reason;
        notifyAll();
    }

    private void work(Optional<CheckpointPublished> again) {
        try {
            if (again.isPresent()) {
                announce(again.get());
            }
            Optional<Snapshot> next = next();
            while (next.isPresent()) {
                write(next.get());
                next = next();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private synchronized Optional<Snapshot> next() throws InterruptedException {
        while (waiting == null && !closed) {
            idle = true;
            notifyAll();
            wait();
        }
        Optional<Snapshot> next = closed ? Optional.empty() : Optional.of(waiting);
        waiting = null;
        return next;
    }

    private void write(Snapshot first) throws InterruptedException {
        Snapshot snapshot = first;
        int failures = 0;
        while (!closed()) {
            long begin = System.nanoTime();
            try {
                CheckpointPublished published = writer.write(snapshot);
                announce(published);
                observer.written(Duration.ofNanos(System.nanoTime() - begin));
                return;
            } catch (IOException | UncheckedIOException | DirectoryIteratorException e) {
                failed("written. step=" + snapshot.step(), ++failures, e);
                snapshot = newest(snapshot);
            }
        }
    }

    private void announce(CheckpointPublished published) throws InterruptedException {
        int failures = 0;
        while (!closed()) {
            try {
                writer.announce(published);
                problem = null;
                return;
            } catch (RuntimeException e) {
                failed("announced. checkpointId=" + published.checkpoint().checkpointId(), ++failures, e);
            }
        }
    }

    private void failed(String what, int failures, Exception e) throws InterruptedException {
        observer.failed();
        problem = e.toString();
        // The 1st, 2nd, 4th, 8th, … time: not to be forgotten, and not to fill the log.
        LOGGER.logf(
                Integer.bitCount(failures) == 1 ? Logger.Level.WARN : Logger.Level.DEBUG,
                "Checkpoint could not be %s attempts=%d reason=\"%s\"; it is tried again until it can, training goes on",
                what,
                failures,
                e);
        pause(retry.after(failures));
    }

    private synchronized void pause(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        while (!closed && System.nanoTime() < deadline) {
            wait((deadline - System.nanoTime()) / 1_000_000 + 1);
        }
    }

    private synchronized Snapshot newest(Snapshot snapshot) {
        Snapshot newest = waiting == null ? snapshot : replace(snapshot, waiting);
        waiting = null;
        return newest;
    }

    private synchronized boolean closed() {
        return closed;
    }

    /** Ends the thread after the attempt at hand; what waits is dropped. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(LAST_ATTEMPT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
