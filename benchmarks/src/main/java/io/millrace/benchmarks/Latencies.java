// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** How long requests took. One that failed took for ever: a server is not fast because it turns requests away. Thread-safe. */
final class Latencies {
    private final Map<String, Integer> failures = new TreeMap<>();
    private double[] nanos = new double[1 << 12];
    private int size;
    private int answered;
    private boolean sorted;

    /** One that was answered. */
    synchronized void answered(long took) {
        add(took);
        answered++;
    }

    /** One that was not, and why, in a word. */
    synchronized void failed(String why) {
        add(Double.POSITIVE_INFINITY);
        failures.merge(why, 1, Integer::sum);
    }

    private void add(double took) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * size);
        }
        nanos[size++] = took;
        sorted = false;
    }

    synchronized int size() {
        return size;
    }

    synchronized int answered() {
        return answered;
    }

    /** How many failed, by the reason. */
    synchronized Map<String, Integer> failures() {
        return Map.copyOf(failures);
    }

    /**
     * The time that this part of the requests took at the most, in nanoseconds; not finite where more failed, or none was sent.
     *
     * @param part above 0, up to 1
     */
    synchronized double quantile(double part) {
        if (size == 0) {
            return Double.NaN;
        }
        if (!sorted) {
            Arrays.sort(nanos, 0, size);
            sorted = true;
        }
        return nanos[Math.max(0, (int) Math.ceil(part * size) - 1)];
    }
}
