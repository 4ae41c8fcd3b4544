// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One {@code ./millrace up} to its end, which can be halted: broker, services and command stand still together, so that
 * something else can be measured on the same machine in the same minute. Not thread-safe.
 */
final class HaltableRun implements AutoCloseable {
    private final Up up;
    private long haltedNanos;

    /**
     * Starts it.
     *
     * @param millrace the command
     * @param port the first of its ports
     * @param options of {@code up}
     */
    HaltableRun(Path millrace, int port, List<String> options) throws IOException {
        up = new Up(millrace, port, options);
    }

    /** Waits for the first training step. */
    void awaitTraining() throws IOException, InterruptedException {
        up.await(() -> steps().done() > 0);
    }

    /** Lets it run so long, or to its end. */
    void proceed(Duration time) throws InterruptedException {
        up.process().waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** How far the training is. */
    Up.Steps steps() throws InterruptedException {
        return up.steps();
    }

    /** Lets something else have the machine. */
    <T> T halted(Work<T> work) throws IOException, InterruptedException {
        up.signalAll("STOP");
        // A signal has arrived a moment before its sender is seen to end: once at the run's cost, once at its gain.
        long begin = System.nanoTime();
        try {
            return work.call();
        } finally {
            up.signalAll("CONT");
            haltedNanos += System.nanoTime() - begin;
        }
    }

    /** What is measured while all else stands still. */
    interface Work<T> {
        T call() throws IOException;
    }

    /** Its report, when it is done. */
    JsonNode report() throws IOException, InterruptedException {
        JsonNode report = up.report();
        up.dispose();
        return report;
    }

    /** Seconds for which it was halted. */
    double haltedSeconds() {
        return haltedNanos / 1e9;
    }

    @Override
    public void close() {
        up.close();
    }
}
