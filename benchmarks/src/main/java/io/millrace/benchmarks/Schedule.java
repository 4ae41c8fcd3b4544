// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.util.Random;

/** When requests are to be sent. Thread-safe. */
interface Schedule {
    /** The next time, in nanoseconds since the begin; 0: now. */
    long next();

    /** Whoever sends takes its time; for the latency of one request that is alone. */
    static Schedule oneAfterTheOther() {
        return () -> 0;
    }

    /**
     * As many independent clients send: pauses are exponential. Whether answers come changes nothing.
     *
     * @param rate requests a second
     */
    static Schedule atRandom(double rate, long seed) {
        return new Schedule() {
            private final Random random = new Random(seed);
            private double at;

            @Override
            public synchronized long next() {
                at -= Math.log(1 - random.nextDouble()) * 1e9 / rate;
                return Math.max(1, (long) at);
            }
        };
    }
}
