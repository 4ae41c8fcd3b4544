// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/**
 * Several measurements of one figure.
 *
 * @param n how many
 * @param min the smallest
 * @param median the middle one, or the mean of the middle two
 * @param max the largest
 */
record Spread(int n, double min, double median, double max) {
    static Spread of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a spread needs at least one measurement");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        return new Spread(sorted.length, sorted[0], median, sorted[sorted.length - 1]);
    }

    /** Cells of a table: n, median, min, max. */
    String cells(String number) {
        return String.format(Locale.ROOT, "%3d " + number + " " + number + " " + number, n, median, min, max);
    }

    static String heads(int width) {
        String head = "%" + width + "s";
        return String.format(Locale.ROOT, "  n " + head + " " + head + " " + head, "median", "min", "max");
    }
}
