// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a network says about a batch.
 *
 * @param logProbabilities float32 {@code [N,K]}, row after row; each row's exponentials sum to 1; not copied
 * @param classes K
 */
public record Predictions(float[] logProbabilities, int classes) {
    public Predictions {
        if (classes < 1 || logProbabilities.length % classes != 0) {
            throw new IllegalArgumentException(
                    logProbabilities.length + " values are no rows of " + classes + " classes");
        }
    }

    /** From float32 in the order of memory. */
    static Predictions of(ByteBuffer logProbabilities, int classes) {
        float[] values = new float[logProbabilities.remaining() / Float.BYTES];
        logProbabilities.asFloatBuffer().get(values);
        return new Predictions(values, classes);
    }

    /** N. */
    public int size() {
        return logProbabilities.length / classes;
    }

    /** The log-probabilities of one sample, {@code [K]}. */
    public float[] row(int sample) {
        return Arrays.copyOfRange(logProbabilities, sample * classes, (sample + 1) * classes);
    }

    /** The probabilities of one sample, {@code [K]}. */
    public float[] probabilities(int sample) {
        float[] row = row(sample);
        for (int k = 0; k < classes; k++) {
            row[k] = (float) Math.exp(row[k]);
        }
        return row;
    }

    /** The most probable class of one sample; the first of equals. */
    public int predicted(int sample) {
        int best = 0;
        for (int k = 1; k < classes; k++) {
            if (logProbabilities[sample * classes + k] > logProbabilities[sample * classes + best]) {
                best = k;
            }
        }
        return best;
    }

    /** The cross-entropy of one sample, without label smoothing. */
    public double loss(int sample, int label) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException("label " + label + " is none of the " + classes + " classes");
        }
        return -logProbabilities[sample * classes + label];
    }
}
