// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.kafka.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * Tries again what needs a broker or a store that may be away for a while, and ends all waiting when the process is asked
 * to stop. Thread-safe.
 */
public final class Patience {
    private static final Logger LOGGER = Logger.getLogger(Patience.class);

    private final Duration first;
    private final Duration longest;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile String problem;

    /**
     * Between two attempts.
     *
     * @param first wait after the first failure; doubled after each further one
     * @param longest wait
     */
    public Patience(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    /** The process is asked to stop: nothing is worth waiting for any more. */
    public static final class StoppedException extends Exception {
        StoppedException() {
            super("the process is asked to stop");
        }
    }

    /** Something that may fail for a while. */
    @FunctionalInterface
    public interface Attempt<T> {
        /** Makes it. */
        T make() throws IOException;
    }

    /** Makes attempts until one succeeds. Says once what it fails of, and again when that changes. */
    public <T> T attempt(String what, Attempt<T> attempt) throws InterruptedException, StoppedException {
        int failures = 0;
        try {
            while (true) {
                requireGoing();
                try {
                    return attempt.make();
                } catch (IOException | UncheckedIOException | KafkaException e) {
                    failures++;
                    String why = reason(e);
                    LOGGER.logf(
                            why.equals(problem) ? Logger.Level.DEBUG : Logger.Level.WARN,
                            "Cannot %s yet, it is tried again: %s",
                            what,
                            why);
                    problem = why;
                    stopping.await(after(failures).toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } finally {
            problem = null;
        }
    }

    /** What an attempt failed of, with the remedy where there is one. */
    public static String reason(Exception failure) {
        return Refusal.of(failure)
                .orElse(String.valueOf(Optional.ofNullable(failure.getMessage()).orElse(failure.toString())));
    }

    /** What the attempts at hand fail of; empty while they do not. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** The time to wait after so many failures in a row, 1 for the first. */
    public Duration after(int failures) {
        Duration wait = first.multipliedBy(1L << Math.min(failures - 1, 20));
        return wait.compareTo(longest) < 0 ? wait : longest;
    }

    /** Ends all waiting. */
    public void stop() {
        stopping.countDown();
    }

    /** Whether the process is asked to stop. */
    public boolean stopping() {
        return stopping.getCount() == 0;
    }

    /** @throws StoppedException when the process is asked to stop */
    public void requireGoing() throws StoppedException {
        if (stopping()) {
            throw new StoppedException();
        }
    }
}
