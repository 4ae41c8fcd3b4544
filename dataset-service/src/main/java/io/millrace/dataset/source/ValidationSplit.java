// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.dataset.KeyedRandom;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The training split of a run in two parts, of which one is never trained on. Each class gives the same part of its
 * samples ("stratified"), drawn by the run's seed. The arrays are shared, not copied, and must be left alone.
 *
 * @param fraction that was asked for
 * @param trained indices of the samples that are trained on, rising
 * @param heldOut indices of the others, rising
 */
public record ValidationSplit(double fraction, int[] trained, int[] heldOut) {
    private static final String FIELD = "recipe.validation";

    /**
     * Divides a training split.
     *
     * @param set whose training split it is
     * @param fraction of each class's samples that is held out, above 0 and below 1, to the nearest whole sample
     * @param seed of the run
     * @throws RefusedFieldException when a class has no sample left on one of the sides
     */
    public static ValidationSplit of(DataSource set, double fraction, long seed) {
        List<String> classes = set.info().classes();
        boolean[] apart = new boolean[set.size(Split.TRAIN)];
        List<int[]> byClass = byClass(set);
        for (int label = 0; label < classes.size(); label++) {
            int[] ofClass = byClass.get(label);
            int count = (int) Math.round(fraction * ofClass.length);
            if (ofClass.length > 0 && (count == 0 || count == ofClass.length)) {
                throw new RefusedFieldException(FIELD, fraction, remedy(classes.get(label), ofClass.length, count));
            }
            draw(ofClass, count, KeyedRandom.of("validation", seed, label));
            Arrays.stream(ofClass, 0, count).forEach(sample -> apart[sample] = true);
        }
        return new ValidationSplit(
                fraction,
                IntStream.range(0, apart.length)
                        .filter(sample -> !apart[sample])
                        .toArray(),
                IntStream.range(0, apart.length).filter(sample -> apart[sample]).toArray());
    }

    /** For each class, its samples, rising. */
    private static List<int[]> byClass(DataSource set) {
        List<int[]> samples =
                Arrays.stream(set.counts(Split.TRAIN)).mapToObj(int[]::new).toList();
        int[] filled = new int[samples.size()];
        for (int sample = 0; sample < set.size(Split.TRAIN); sample++) {
            int label = set.label(Split.TRAIN, sample);
            samples.get(label)[filled[label]++] = sample;
        }
        return samples;
    }

    /** Brings so many of some samples, each as likely, to the front (Fisher and Yates). */
    private static void draw(int[] samples, int count, KeyedRandom random) {
        for (int k = 0; k < count; k++) {
            int other = k + random.nextInt(samples.length - k);
            int drawn = samples[other];
            samples[other] = samples[k];
            samples[k] = drawn;
        }
    }

    private static String remedy(String name, int samples, int count) {
        String range = samples == 1
                ? "0, for no validation split"
                : String.format(Locale.ROOT, "at least %.4g and less than %.4g", 0.5 / samples, 1 - 0.5 / samples);
        return range + ": class \"" + name + "\" has " + samples + (samples == 1 ? " image" : " images") + ", of which "
                + count + " would be set apart, and both sides need one of each class";
    }

    /** As runs carry it. */
    public Dataset.Validation info(Dataset data, Encoding encoding) {
        MessageDigest sha256 = ImageSet.sha256();
        sha256.update(("validation split of " + data.digest() + " as " + encoding).getBytes(US_ASCII));
        ByteBuffer indices = ByteBuffer.allocate(heldOut.length * Integer.BYTES);
        Arrays.stream(heldOut).forEach(indices::putInt);
        String digest = HexFormat.of().formatHex(sha256.digest(indices.array()));
        return new Dataset.Validation(fraction, digest, heldOut.length);
    }
}
