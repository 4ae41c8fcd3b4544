// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import java.util.Locale;

/**
 * Fits the temperature of <a href="https://arxiv.org/abs/1706.04599">Guo et al. 2017</a>: the one number that logits are
 * divided by for the least mean cross entropy on held-out samples. In float64, and the same for the same logits everywhere.
 *
 * <p>In the inverse of the temperature the cross entropy is convex, so its slope has one zero: it is looked for by Newton's
 * steps, and by halves of the interval that holds it where a step would leave that.
 */
final class Temperature {
    /** Beyond these nothing is left to be said of a network's confidence: it is certain, or knows nothing. */
    static final double LOWEST = 0.01;

    static final double HIGHEST = 100;

    private static final int STEPS = 200;
    private static final double PRECISE = 1e-14;

    private Temperature() {}

    /** The mean cross entropy's first and second derivative in the inverse of the temperature. */
    private record Slope(double first, double second) {}

    /**
     * The temperature.
     *
     * @param logits {@code [N][K]}
     * @param labels {@code [N]}, indices of classes
     * @throws UncalibratedException when there is none between {@value #LOWEST} and {@value #HIGHEST}, or the samples cannot
     *     tell
     */
    static double fit(float[][] logits, int[] labels) throws UncalibratedException {
        require(logits, labels);
        double low = 1 / HIGHEST;
        double high = 1 / LOWEST;
        if (slope(logits, labels, low).first() >= 0) {
            throw new UncalibratedException(
                    bounded(HIGHEST, "above", "the logits say nothing of the labels, or are far too large"));
        }
        if (slope(logits, labels, high).first() <= 0) {
            throw new UncalibratedException(bounded(LOWEST, "below", "the split holds too few mistakes to fit it on"));
        }
        double inverse = 1;
        for (int step = 0; step < STEPS && high - low > PRECISE * high; step++) {
            Slope at = slope(logits, labels, inverse);
            if (at.first() > 0) {
                high = inverse;
            } else {
                low = inverse;
            }
            double next = inverse - at.first() / at.second();
            if (Math.abs(next - inverse) <= PRECISE * inverse) {
                break;
            }
            inverse = next > low && next < high ? next : (low + high) / 2;
        }
        return 1 / inverse;
    }

    private static String bounded(double bound, String side, String why) {
        return String.format(
                Locale.ROOT,
                "the temperature that fits best is %s %s, where it is not looked for: %s",
                side,
                text(bound),
                why);
    }

    private static String text(double bound) {
        return bound < 1 ? Double.toString(bound) : Long.toString((long) bound);
    }

    private static void require(float[][] logits, int[] labels) throws UncalibratedException {
        boolean several = false;
        for (int n = 0; n < logits.length; n++) {
            several |= labels[n] != labels[0];
            for (float logit : logits[n]) {
                if (!Float.isFinite(logit)) {
                    throw new UncalibratedException(
                            "the network answers image " + n + " of the validation split with the logit " + logit);
                }
            }
        }
        if (!several) {
            throw new UncalibratedException("all " + logits.length
                    + " images of the validation split are of one class; a split of several is needed");
        }
    }

    private static Slope slope(float[][] logits, int[] labels, double inverse) {
        double first = 0;
        double second = 0;
        for (int n = 0; n < logits.length; n++) {
            float[] row = logits[n];
            double largest = Double.NEGATIVE_INFINITY;
            for (float logit : row) {
                largest = Math.max(largest, logit);
            }
            double sum = 0;
            double mean = 0;
            double square = 0;
            for (float logit : row) {
                double below = logit - largest;
                double weight = Math.exp(inverse * below);
                sum += weight;
                mean += weight * below;
                square += weight * below * below;
            }
            mean /= sum;
            first += mean - (row[labels[n]] - largest);
            second += square / sum - mean * mean;
        }
        return new Slope(first / logits.length, second / logits.length);
    }
}
