// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Tells every few seconds how a running run stands, on a thread of its own, when there is something new to tell. */
final class StatusReporter implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(StatusReporter.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Supplier<Progress> progress;
    private final StatusSink sink;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread created = new Thread(task, "status-reporter");
        created.setDaemon(true);
        return created;
    });
    private final Duration every;
    private Progress told;

    StatusReporter(Supplier<Progress> progress, StatusSink sink, Duration every) {
        this.progress = progress;
        this.sink = sink;
        this.every = every;
    }

    /** Tells at once, and then again and again. */
    void start() {
        thread.scheduleWithFixedDelay(this::tell, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void tell() {
        Progress latest = progress.get();
        if (told != null && told.step() == latest.step() && told.checkpoints() == latest.checkpoints()) {
            return;
        }
        RunStatus status = latest.status(State.RUNNING, null);
        try {
            sink.publish(status);
            told = latest;
        } catch (RuntimeException e) {
            LOGGER.debugf(e, "Status not told; the next one will be. runId=%s", status.runId());
        }
    }

    /** Ends; a status that is on its way is waited for, so that none overtakes the final one. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            while (!thread.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
