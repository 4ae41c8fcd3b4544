// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a network says about a batch.
 *
 * @param logits float32 {@code [N,K]}, row after row, as the network gives them, before any softmax: their differences are
 *     those of the log-probabilities, and their size tells how much a network finds in an image; not copied
 * @param classes K
 */
public record Predictions(float[] logits, int classes) {
    public Predictions {
        if (classes < 1 || logits.length % classes != 0) {
            throw new IllegalArgumentException(logits.length + " values are no rows of " + classes + " classes");
        }
    }

    /** From float32 in the order of memory. */
    static Predictions of(ByteBuffer logits, int classes) {
        float[] values = new float[logits.remaining() / Float.BYTES];
        logits.asFloatBuffer().get(values);
        return new Predictions(values, classes);
    }

    /** N. */
    public int size() {
        return logits.length / classes;
    }

    /** The logits of one sample, {@code [K]}. */
    public float[] logits(int sample) {
        return Arrays.copyOfRange(logits, sample * classes, (sample + 1) * classes);
    }

    /** The probabilities of one sample, {@code [K]}; they sum to 1. */
    public float[] probabilities(int sample) {
        return probabilities(sample, 1);
    }

    /**
     * The probabilities of one sample, {@code [K]}, of logits that are divided by something first.
     *
     * @param temperature above 0
     */
    public float[] probabilities(int sample, double temperature) {
        float[] row = logits(sample);
        double all = logSumExp(sample, temperature);
        for (int k = 0; k < classes; k++) {
            row[k] = (float) Math.exp(row[k] / temperature - all);
        }
        return row;
    }

    /** How much is found in one sample: its negative free energy, {@code log sum exp} of its logits, in nats. */
    public double energy(int sample) {
        return logSumExp(sample, 1);
    }

    /** The most probable class of one sample; the first of equals. */
    public int predicted(int sample) {
        int best = 0;
        for (int k = 1; k < classes; k++) {
            if (logits[sample * classes + k] > logits[sample * classes + best]) {
                best = k;
            }
        }
        return best;
    }

    /** The cross-entropy of one sample in nats, without label smoothing. */
    public double loss(int sample, int label) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException("label " + label + " is none of the " + classes + " classes");
        }
        return energy(sample) - logits[sample * classes + label];
    }

    /** The logarithm of the sum of a sample's exponentials, in float64, so that no finite logit overflows. */
    private double logSumExp(int sample, double temperature) {
        int from = sample * classes;
        double largest = logits[from + predicted(sample)];
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            sum += Math.exp((logits[from + k] - largest) / temperature);
        }
        return largest / temperature + Math.log(sum);
    }
}
