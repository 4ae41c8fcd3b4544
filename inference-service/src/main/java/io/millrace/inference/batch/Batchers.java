// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.batch;

import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.registry.ServedModel;
import io.millrace.inference.ticket.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * A {@link Batcher} for each model that is served, and the threads that they share, in turns: as many as networks may be computed at
 * once, however many models or versions there are. What nobody waits for gets a turn when there is none else. Platform threads, few, since each call takes its share of all cores. Thread-safe.
 */
public final class Batchers {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /** What nobody waits for looks so often whether those who are coming have come. */
    private static final long GLANCE_NANOS = 50_000;

    private final BatchLimits limits;
    private final BooleanSupplier coming;
    private final InferenceMetrics metrics;
    private final Map<ServedModel, Batcher> batchers = new ConcurrentHashMap<>();
    private final BlockingQueue<Turn> turns = new PriorityBlockingQueue<>();
    private final AtomicLong turn = new AtomicLong();
    private final List<Thread> threads;
    private volatile boolean closing;

    /**
     * One call of a network. Those come first for which somebody waits, and of two of a kind the one that was there first.
     *
     * @param number of the turn
     */
    private record Turn(boolean waitedFor, long number, Call call) implements Comparable<Turn> {
        @Override
        public int compareTo(Turn other) {
            return waitedFor == other.waitedFor ? Long.compare(number, other.number) : waitedFor ? -1 : 1;
        }
    }

    @FunctionalInterface
    private interface Call {
        void run() throws InterruptedException;
    }

    /**
     * Starts the threads.
     *
     * @param workers how many
     * @param coming whether requests are about to hand over images
     * @param lost told when a thread ends by an error
     */
    Batchers(
            int workers,
            BatchLimits limits,
            BooleanSupplier coming,
            InferenceMetrics metrics,
            Thread.UncaughtExceptionHandler lost) {
        this.limits = limits;
        this.coming = coming;
        this.metrics = metrics;
        this.threads = IntStream.range(0, workers)
                .mapToObj(index -> thread("inference-" + index, lost))
                .toList();
    }

    private Thread thread(String name, Thread.UncaughtExceptionHandler lost) {
        Thread thread = new Thread(this::work, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(lost);
        thread.start();
        return thread;
    }

    private void work() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Turn turn = turns.take();
                if (turn.waitedFor || !coming.getAsBoolean()) {
                    turn.call.run();
                } else {
                    turns.add(turn);
                    LockSupport.parkNanos(GLANCE_NANOS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What a model says of images. Done on a thread that computes networks, so what follows has to be quick; failed with the ticket's
     * reason when it is over first, and never before the network is done with the images: only then may the lease be closed.
     *
     * @param lease on the model, held until this is done
     * @param images uint8 {@code [C,H,W]} each, as the model takes them, at least one; not copied
     */
    public CompletionStage<Answer> submit(Ticket ticket, ServedModel.Lease lease, List<byte[]> images) {
        Job job = new Job(ticket, images);
        if (closing) {
            job.drop(stopping());
        } else {
            of(lease).add(job);
        }
        return job.answer();
    }

    /** A model with a lease on it is not closed, so no batcher comes back once it was removed. */
    private Batcher of(ServedModel.Lease lease) {
        return batchers.computeIfAbsent(lease.model(), model -> {
            Batcher[] made = new Batcher[1];
            made[0] = new Batcher(lease.classifier(), limits, coming, metrics, () -> take(true, made[0]::run));
            model.onClose(() -> batchers.remove(model));
            return made[0];
        });
    }

    /**
     * Has something computed that nobody waits for, when there is nothing else to compute and nobody is seen coming. A request that
     * comes then waits for it, so it has to be short.
     *
     * @param call throws nothing
     */
    public void whenIdle(Runnable call) {
        take(false, call::run);
    }

    private void take(boolean waitedFor, Call call) {
        turns.add(new Turn(waitedFor, turn.getAndIncrement(), call));
    }

    /** Whether all threads work; none ever ends on its own. */
    public boolean alive() {
        return threads.stream().allMatch(Thread::isAlive);
    }

    /** Lets the threads finish what they are at; what still waits is turned away. */
    public void close() throws InterruptedException {
        closing = true;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            thread.join();
        }
        batchers.values().forEach(batcher -> batcher.close(stopping()));
    }

    private static UnavailableException stopping() {
        return new UnavailableException(Refusal.STOPPING, "the service is stopping", RETRY_AFTER);
    }
}
