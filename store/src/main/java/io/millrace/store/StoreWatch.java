// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Knows whether a store answers that is reached over the network, whether or not anything is to be read or written just
 * now. Says once what it fails of, again when that changes, and once that it is over. Thread-safe.
 */
public final class StoreWatch implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(StoreWatch.class);

    /** Asks a store whether it answers. */
    @FunctionalInterface
    interface Question {
        void ask() throws IOException;
    }

    private final StoreAddress address;
    private final Question question;
    private final Duration every;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String problem;

    StoreWatch(StoreAddress address, Question question, Duration every) {
        this.address = address;
        this.question = question;
        this.every = every;
    }

    StoreWatch start() {
        Thread thread = new Thread(this::watch, "store-watch");
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    /** Why it did not answer the latest question, with the remedy; empty when it did, and of a directory always. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    private void watch() {
        try {
            do {
                look();
            } while (!closed.await(every.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        String found = null;
        try {
            question.ask();
        } catch (IOException | RuntimeException e) {
            found = e.getMessage();
        }
        if (found != null && !found.equals(problem)) {
            LOGGER.warnf("The checkpoint store fails; it is asked again until it answers. reason=\"%s\"", found);
        } else if (found == null && problem != null) {
            LOGGER.infof("The checkpoint store answers again. uri=%s", address);
        }
        problem = found;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
