// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.trainer.Patience;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.publish.RunWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Writes the checkpoints of one run on a thread of its own, so that training goes on meanwhile, and hands each to the
 * run's writer to be announced, with its average where there is one: writing never waits for that. A store that fails is
 * tried again until it does not. A snapshot may wait while another is being written; a newer one takes its place, and the
 * range of records that is announced grows accordingly. Only one that early stopping keeps is written in any case, unless the
 * newer one is better. Thread-safe.
 */
public final class Checkpointer implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(Checkpointer.class);
    private static final Duration LAST_ATTEMPT = Duration.ofSeconds(5);
    /** The newest, and the one before in case the newest turns out to be damaged. */
    private static final int STATES_KEPT = 2;

    private final RunSpec run;
    private final Compute compute;
    private final Announcements announcements;
    private final Lineage start;
    private final CheckpointStore store;
    private final RunWriter writer;
    private final Patience patience;
    private final TrainerMetrics metrics;
    private final Thread thread;
    private int written;
    /** Whether the snapshot at hand would be gone on from already. Of the writing thread. */
    private boolean resumable;

    /** The announcement of what early stopping keeps; null where it keeps nothing. */
    private CheckpointPublished best;

    private final SnapshotQueue waiting;
    private boolean idle;
    private boolean closed;
    private Throwable failure;
    private volatile String problem;

    /**
     * Starts the writing thread.
     *
     * @param start what the run started from; null: fresh weights
     * @param written checkpoints of the run so far
     * @param best the announcement of the one that early stopping keeps; null where it keeps none
     */
    public Checkpointer(
            RunSpec run,
            Compute compute,
            Lineage start,
            int written,
            CheckpointPublished best,
            CheckpointStore store,
            RunWriter writer,
            Patience patience,
            TrainerMetrics metrics) {
        this.run = run;
        this.compute = compute;
        this.announcements = new Announcements(run, store);
        this.start = start;
        this.written = written;
        this.best = best;
        this.store = store;
        this.writer = writer;
        this.patience = patience;
        this.metrics = metrics;
        this.waiting = new SnapshotQueue(metrics);
        this.thread = new Thread(this::work, "checkpoint-writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes a snapshot to be written; returns at once. */
    public synchronized void submit(Snapshot snapshot) {
        waiting.add(snapshot);
        idle = false;
        notifyAll();
    }

    /** Waits until everything is written; false when that takes longer, or will never be. */
    public synchronized boolean awaitIdle(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        long left = atMost.toNanos();
        while (!idle && failure == null && left > 0) {
            wait(left / 1_000_000 + 1);
            left = deadline - System.nanoTime();
        }
        return idle;
    }

    /** Why the latest attempt failed; empty when it did not. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Does nothing while checkpoints are written, sooner or later.
     *
     * @throws IllegalStateException when the writing thread died
     */
    public synchronized void check() {
        if (failure != null) {
            throw new IllegalStateException("writing checkpoints failed: " + failure, failure);
        }
    }

    private void work() {
        try {
            for (Optional<Snapshot> next = next(); next.isPresent(); next = next()) {
                writeSoonerOrLater(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                failure = e;
                notifyAll();
            }
        }
    }

    private synchronized Optional<Snapshot> next() throws InterruptedException {
        while (waiting.isEmpty() && !closed) {
            idle = true;
            notifyAll();
            wait();
        }
        return closed ? Optional.empty() : waiting.take();
    }

    private void writeSoonerOrLater(Snapshot first) throws InterruptedException {
        Snapshot snapshot = first;
        int failures = 0;
        resumable = false;
        while (!closed()) {
            long begin = System.nanoTime();
            try {
                write(snapshot);
                problem = null;
                metrics.checkpointWritten(Duration.ofNanos(System.nanoTime() - begin));
                prune();
                return;
            } catch (IOException | UncheckedIOException | DirectoryIteratorException e) {
                failed(snapshot, ++failures, e);
                pause(patience.after(failures));
                // One that would be gone on from and is not announced would never be scored, nor ever deleted.
                snapshot = resumable ? snapshot : instead(snapshot);
            }
        }
    }

    private void write(Snapshot snapshot) throws IOException {
        TrainingState state = new TrainingState(
                snapshot.optimizer(),
                snapshot.position(),
                written + 1,
                snapshot.last(),
                writer.pointsUpTo(snapshot.position().step()),
                snapshot.isBest() ? null : best);
        Checkpoint checkpoint = new Checkpoint(
                CheckpointMetadata.of(run, state.position(), snapshot.validation(), compute, start),
                snapshot.weights());
        CheckpointRef ref = store.write(checkpoint.metadata(), checkpoint.weights(), state, snapshot.batches());
        resumable = true;
        List<CheckpointPublished> together = announcements.of(ref, checkpoint, state);
        written++;
        best = snapshot.isBest() ? together.get(0) : best;
        writer.announce(together, written);
    }

    private void prune() {
        try {
            store.pruneStates(run.incarnation(), STATES_KEPT);
        } catch (IOException | UncheckedIOException e) {
            LOGGER.debugf(e, "Old states stay for now. runId=%s", run.runId());
        }
    }

    private void failed(Snapshot snapshot, int failures, Exception e) {
        metrics.checkpointFailed();
        problem = e.toString();
        // The 1st, 2nd, 4th, 8th, … time: not to be forgotten, and not to fill the log.
        LOGGER.logf(
                Integer.bitCount(failures) == 1 ? Logger.Level.WARN : Logger.Level.DEBUG,
                "Checkpoint could not be written. step=%d attempts=%d reason=\"%s\"; it is tried again until it can,"
                        + " training goes on",
                snapshot.position().step(),
                failures,
                e);
    }

    private synchronized void pause(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        while (!closed && System.nanoTime() < deadline) {
            wait((deadline - System.nanoTime()) / 1_000_000 + 1);
        }
    }

    private synchronized Snapshot instead(Snapshot unwritten) {
        return waiting.instead(unwritten);
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
