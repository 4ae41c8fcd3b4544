// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.contracts.Normalization;
import io.millrace.dataset.KeyedRandom;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Digits drawn as distorted pen strokes: the data set for tests and for machines without network. Sample k of a split
 * depends on (seed, split, k) alone, so a smaller set is the beginning of a larger one; its class is k modulo 10.
 */
final class Strokes {
    static final String NAME = "strokes";
    private static final int SIDE = 28;
    /** What a sample takes in memory: its pixels and its label. */
    static final int SAMPLE_BYTES = SIDE * SIDE + 1;

    private static final List<String> CLASSES =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    /** Mean and standard deviation over the first 20,000 samples of seed 1. */
    private static final Normalization NORMALIZATION = Normalization.ofMeanStd(List.of(0.1034), List.of(0.2508));

    private Strokes() {}

    /** Draws a set, on all processors. */
    static ImageSet draw(long seed, int trainSamples, int testSamples) {
        Samples train = split(seed, 0, trainSamples);
        Samples test = split(seed, 1, testSamples);
        return ImageSet.of("digits drawn here", NAME, 1, SIDE, SIDE, CLASSES, NORMALIZATION, train, test);
    }

    private static Samples split(long seed, int split, int count) {
        byte[] pixels = new byte[Math.multiplyExact(count, SIDE * SIDE)];
        byte[] labels = new byte[count];
        IntStream.range(0, count).parallel().forEach(sample -> {
            int digit = sample % CLASSES.size();
            labels[sample] = (byte) digit;
            Hand hand = new Hand(KeyedRandom.of("strokes", seed, split, sample), SIDE);
            hand.write(digit, SIDE, pixels, sample * SIDE * SIDE);
        });
        return new Samples(pixels, labels);
    }
}
