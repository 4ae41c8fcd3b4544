// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests at times that are fixed beforehand, whatever becomes of those before, as clients do that do not know of each
 * other. A latency counts from the time that the request was to be sent at: where a slow server keeps all connections busy, those
 * who wait for one are counted as waiting (no coordinated omission).
 */
final class OpenLoop {
    private static final long STACK_BYTES = 256 << 10;

    private final InetSocketAddress server;
    private final List<byte[]> requests;
    private final Schedule schedule;
    private final int connections;
    private final AtomicInteger turn = new AtomicInteger();

    OpenLoop(InetSocketAddress server, List<byte[]> requests, Schedule schedule, int connections) {
        this.server = server;
        this.requests = requests;
        this.schedule = schedule;
        this.connections = connections;
    }

    /** Sends for a while, and for a while more, which alone counts; returns when the last request has ended. */
    Latencies run(Duration warmUp, Duration counted) throws InterruptedException {
        Latencies latencies = new Latencies();
        long begin = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int k = 0; k < connections; k++) {
            Thread thread = new Thread(
                    null,
                    () -> send(begin, warmUp.toNanos(), warmUp.plus(counted).toNanos(), latencies),
                    "client-" + k,
                    STACK_BYTES);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return latencies;
    }

    private void send(long begin, long from, long to, Latencies latencies) {
        try (HttpConnection connection = new HttpConnection(server)) {
            while (true) {
                long scheduled = schedule.next();
                long at = scheduled == 0 ? System.nanoTime() - begin : scheduled;
                if (at >= to) {
                    return;
                }
                waitUntil(begin + at);
                ask(connection, begin, at, at >= from, latencies);
            }
        }
    }

    private void ask(HttpConnection connection, long begin, long at, boolean counts, Latencies latencies) {
        byte[] request = requests.get(Math.floorMod(turn.getAndIncrement(), requests.size()));
        String failure = null;
        try {
            int status = connection.ask(request);
            failure = status == 200 ? null : Integer.toString(status);
        } catch (IOException e) {
            failure = e.getClass().getSimpleName();
        }
        if (counts && failure == null) {
            latencies.answered(System.nanoTime() - begin - at);
        } else if (counts) {
            latencies.failed(failure);
        }
    }

    private static void waitUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
