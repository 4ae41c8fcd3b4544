// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.decode;

import io.millrace.image.Fitting;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.inference.ticket.Ticket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The threads that decode, as many as there are cores, two at least. All but one take requests with large pictures first and then those
 * with small ones, the last takes small ones only: so that nobody waits behind a picture of seconds with one of microseconds. What
 * is large shows when its header is read; too many of those are turned away. Whoever's ticket is over is not decoded, or not
 * to the end. Thread-safe.
 */
public final class Decoders {
    /** A body that takes long whatever is in it. */
    private static final int SMALL_BYTES = 1 << 20;

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final int maxLarge;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Decoding> small = new ArrayDeque<>();
    private final Deque<Decoding> large = new ArrayDeque<>();
    private final List<Thread> threads;
    private int largeInside;
    private volatile int smallInside;
    private boolean closing;

    /**
     * Starts the threads.
     *
     * @param cores that there are
     * @param maxLarge requests with large pictures that wait or are decoded at one time
     * @param lost told when a thread ends by an error
     */
    public Decoders(int cores, int maxLarge, Thread.UncaughtExceptionHandler lost) {
        this.maxLarge = maxLarge;
        int count = Math.max(2, cores);
        this.threads = IntStream.range(0, count)
                .mapToObj(index -> thread(index, index < count - 1, lost))
                .toList();
    }

    private Thread thread(int index, boolean largeToo, Thread.UncaughtExceptionHandler lost) {
        Thread thread = new Thread(() -> work(largeToo), "decoding-" + index);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(lost);
        thread.start();
        return thread;
    }

    /**
     * Decodes the images of a request. Done on a thread that decodes, so what follows has to be quick; failed with the ticket's reason
     * when it is over first, with {@link io.millrace.image.PictureException} where an image is wrong, and with
     * {@link UnavailableException} where too many large ones wait.
     *
     * @param images at least one
     */
    public CompletionStage<Decoded> decode(Ticket ticket, ImageSources images, Fitting input) {
        Decoding decoding = new Decoding(ticket, images, input);
        if (ticket.body().length > SMALL_BYTES) {
            addLarge(decoding);
        } else {
            addSmall(decoding);
        }
        ticket.onOver(reason -> drop(decoding, reason));
        return decoding.result();
    }

    /** Whether requests are about to be decoded within milliseconds. */
    public boolean coming() {
        return smallInside > 0;
    }

    /** Whether all threads work; none ever ends on its own. */
    public boolean alive() {
        return threads.stream().allMatch(Thread::isAlive);
    }

    private void work(boolean largeToo) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                decode(next(largeToo));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Turn(Decoding decoding, boolean isLarge) {}

    private Turn next(boolean largeToo) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (small.isEmpty() && (large.isEmpty() || !largeToo)) {
                changed.await();
            }
            boolean isLarge = largeToo && !large.isEmpty();
            return new Turn((isLarge ? large : small).removeFirst(), isLarge);
        } finally {
            lock.unlock();
        }
    }

    private void decode(Turn turn) {
        boolean ended = turn.decoding.run();
        // First, so that the network does not wait for what it is about to be given.
        left(turn.isLarge);
        if (ended) {
            turn.decoding.tell();
        } else {
            addLarge(turn.decoding);
        }
    }

    private void left(boolean isLarge) {
        lock.lock();
        try {
            largeInside -= isLarge ? 1 : 0;
            smallInside -= isLarge ? 0 : 1;
        } finally {
            lock.unlock();
        }
    }

    private void addSmall(Decoding decoding) {
        lock.lock();
        try {
            if (!closing) {
                smallInside++;
                small.addLast(decoding);
                changed.signalAll();
                return;
            }
        } finally {
            lock.unlock();
        }
        decoding.result().completeExceptionally(stopping());
    }

    private void addLarge(Decoding decoding) {
        RuntimeException refused;
        lock.lock();
        try {
            refused = closing ? stopping() : largeInside < maxLarge ? null : tooMany();
            if (refused == null) {
                decoding.mayBeLarge();
                largeInside++;
                large.addLast(decoding);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (refused != null) {
            decoding.result().completeExceptionally(refused);
        } else if (decoding.ticket().isOver()) {
            // It was between the two queues when it was to be dropped.
            decoding.ticket().onOver(reason -> drop(decoding, reason));
        }
    }

    private UnavailableException tooMany() {
        return new UnavailableException(
                Refusal.LARGE,
                maxLarge
                        + " requests with large pictures wait already; scale yours down to 512 x 512 pixels, or try again in"
                        + " a moment",
                RETRY_AFTER);
    }

    private static UnavailableException stopping() {
        return new UnavailableException(Refusal.STOPPING, "the service is stopping", RETRY_AFTER);
    }

    private void drop(Decoding decoding, Throwable reason) {
        if (decoding.result().isDone()) {
            return;
        }
        boolean waited;
        lock.lock();
        try {
            if (small.remove(decoding)) {
                smallInside--;
                waited = true;
            } else {
                waited = large.remove(decoding);
                largeInside -= waited ? 1 : 0;
            }
        } finally {
            lock.unlock();
        }
        if (waited) {
            decoding.result().completeExceptionally(reason);
        }
    }

    /** Lets the threads finish what they are at; what still waits is turned away. */
    public void close() throws InterruptedException {
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            thread.join();
        }
        List<Decoding> left;
        lock.lock();
        try {
            closing = true;
            left = Stream.concat(small.stream(), large.stream()).toList();
        } finally {
            lock.unlock();
        }
        left.forEach(decoding -> drop(decoding, stopping()));
    }
}
