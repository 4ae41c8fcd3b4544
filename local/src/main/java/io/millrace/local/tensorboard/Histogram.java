// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import java.nio.FloatBuffer;

/**
 * How numbers are spread, in bins of one width between the least and the largest.
 *
 * @param least of them
 * @param most of them
 * @param count how many there are
 * @param sum of them
 * @param squares sum of their squares
 * @param bins how many are in each
 */
record Histogram(double least, double most, long count, double sum, double squares, long[] bins) {
    private static final int BINS = 64;

    /** Of finite numbers, at least one. */
    static Histogram of(FloatBuffer values) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        double sum = 0;
        double squares = 0;
        for (int k = 0; k < values.limit(); k++) {
            double value = values.get(k);
            least = Math.min(least, value);
            most = Math.max(most, value);
            sum += value;
            squares += value * value;
        }
        long[] bins = new long[BINS];
        for (int k = 0; k < values.limit(); k++) {
            int bin = most > least ? (int) ((values.get(k) - least) / (most - least) * BINS) : 0;
            bins[Math.min(BINS - 1, bin)]++;
        }
        return new Histogram(least, most, values.limit(), sum, squares, bins);
    }

    /** As TensorFlow's HistogramProto: each bin by its upper limit. */
    Message message() {
        double[] limits = new double[bins.length];
        double[] counts = new double[bins.length];
        for (int k = 0; k < bins.length; k++) {
            limits[k] = k == bins.length - 1 ? most : least + (most - least) * (k + 1) / bins.length;
            counts[k] = bins[k];
        }
        return new Message()
                .real(1, least)
                .real(2, most)
                .real(3, count)
                .real(4, sum)
                .real(5, squares)
                .reals(6, limits)
                .reals(7, counts);
    }
}
