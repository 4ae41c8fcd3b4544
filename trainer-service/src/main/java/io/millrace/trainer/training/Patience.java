// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.trainer.checkpoint.Retry;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/** Tries again what needs a broker or a store that may be away for a while. Says so once per matter. Thread-safe. */
final class Patience {
    private static final Logger LOGGER = Logger.getLogger(Patience.class);

    private final Retry retry;
    private final CountDownLatch stopping;

    /** @param stopping falls when nothing is worth waiting for any more */
    Patience(Retry retry, CountDownLatch stopping) {
        this.retry = retry;
        this.stopping = stopping;
    }

    /** Something that may fail for a while. */
    @FunctionalInterface
    interface Attempt<T> {
        T make() throws IOException;
    }

    /** Makes attempts until one succeeds; empty when the process is asked to stop before. */
    <T> Optional<T> attempt(String what, Attempt<T> attempt) throws InterruptedException {
        int failures = 0;
        while (stopping.getCount() > 0) {
            try {
                return Optional.of(attempt.make());
            } catch (IOException | KafkaException e) {
                failures++;
                LOGGER.logf(
                        failures == 1 ? Logger.Level.WARN : Logger.Level.DEBUG,
                        "Cannot %s yet, it is tried again: %s",
                        what,
                        e.getMessage());
                stopping.await(retry.after(failures).toMillis(), TimeUnit.MILLISECONDS);
            }
        }
        return Optional.empty();
    }
}
