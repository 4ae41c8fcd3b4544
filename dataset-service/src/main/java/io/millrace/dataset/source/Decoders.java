// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that read samples side by side, one for each processor. Thread-safe. */
@Singleton
public class Decoders {
    private final int threads = Runtime.getRuntime().availableProcessors();
    private final ExecutorService executor = Executors.newFixedThreadPool(threads, Decoders::thread);

    /** Reads one sample. */
    @FunctionalInterface
    public interface Task {
        /** The one with this number. */
        void read(int index) throws DatasetUnavailableException;
    }

    /**
     * Performs a task for each number from 0 to count - 1, and returns when all are done.
     *
     * @throws DatasetUnavailableException the first that a task has thrown; the others may not have been begun then
     */
    public void each(int count, Task task) throws DatasetUnavailableException, InterruptedException {
        AtomicInteger next = new AtomicInteger();
        Callable<Void> worker = () -> {
            for (int index = next.getAndIncrement(); index < count; index = next.getAndIncrement()) {
                try {
                    task.read(index);
                } catch (DatasetUnavailableException | RuntimeException | Error e) {
                    next.set(count);
                    throw e;
                }
            }
            return null;
        };
        List<Callable<Void>> workers = new ArrayList<>();
        for (int k = 0; k < Math.min(threads, count); k++) {
            workers.add(worker);
        }
        for (Future<Void> done : executor.invokeAll(workers)) {
            await(done);
        }
    }

    private static void await(Future<Void> done) throws DatasetUnavailableException, InterruptedException {
        try {
            done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DatasetUnavailableException unavailable) {
                throw unavailable;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("a sample could not be read", e.getCause());
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "decoder");
        thread.setDaemon(true);
        thread.setContextClassLoader(Decoders.class.getClassLoader());
        return thread;
    }

    /** No more samples are read. */
    @PreDestroy
    public void close() {
        executor.shutdownNow();
    }
}
