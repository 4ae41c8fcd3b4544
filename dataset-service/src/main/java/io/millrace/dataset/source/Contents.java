// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.Split;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What was found in a data set, for people.
 *
 * @param kind what it is, such as {@code IDX files}
 * @param digest over all samples
 * @param shape of the images as they are trained on, CxHxW
 * @param sizes of the images as they were found, in words; null where nothing was fitted
 * @param classes in the order of their labels
 * @param mean of each channel of the training split, 0 to 1
 * @param deviation standard deviation of each channel
 * @param duplicates images of the test split whose very pixels are in the training split, too
 * @param skippedFiles how many files were passed over
 * @param skipped the first of them, each with its reason
 * @param notes what else should be known, such as classes without images
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Contents(
        String kind,
        String digest,
        String shape,
        String sizes,
        List<OfClass> classes,
        List<Double> mean,
        List<Double> deviation,
        int duplicates,
        int skippedFiles,
        List<Skipped> skipped,
        List<String> notes) {

    /**
     * How many images show a class.
     *
     * @param name of the class
     * @param train in the training split
     * @param test in the test split
     */
    public record OfClass(String name, int train, int test) {}

    /**
     * A file that was passed over.
     *
     * @param file its path within the data set
     * @param reason why
     */
    public record Skipped(String file, String reason) {}

    /**
     * Of a data set that consists of what is needed and nothing else.
     *
     * @param duplicates as above
     */
    static Contents of(String kind, DataSource source, int duplicates) {
        return of(kind, source, null, duplicates, 0, List.of(), List.of());
    }

    /** Of a data set in which something else was found, too. */
    public static Contents of(
            String kind,
            DataSource source,
            String sizes,
            int duplicates,
            int skippedFiles,
            List<Skipped> skipped,
            List<String> notes) {
        List<String> names = source.info().classes();
        int[] train = source.counts(Split.TRAIN);
        int[] test = source.counts(Split.TEST);
        Normalization normalization = source.info().normalization();
        return new Contents(
                kind,
                source.info().digest(),
                source.info().channels() + "x" + source.info().height() + "x"
                        + source.info().width(),
                sizes,
                IntStream.range(0, names.size())
                        .mapToObj(k -> new OfClass(names.get(k), train[k], test[k]))
                        .toList(),
                normalization.zeroPoint().stream()
                        .map(value -> rounded(value / 255))
                        .toList(),
                normalization.scale().stream()
                        .map(value -> rounded(1 / (255 * value)))
                        .toList(),
                duplicates,
                skippedFiles,
                skipped,
                withBalance(notes, names, train, test, duplicates));
    }

    private static double rounded(double value) {
        return Math.rint(value * 1e4) / 1e4;
    }

    private static List<String> withBalance(
            List<String> notes, List<String> names, int[] train, int[] test, int duplicates) {
        List<String> all = new ArrayList<>(notes);
        int largest = IntStream.of(train).max().orElse(0);
        int smallest = IntStream.of(train).filter(count -> count > 0).min().orElse(0);
        if (largest > 2 * smallest) {
            all.add("the classes are not balanced: \"" + names.get(index(train, smallest)) + "\" has " + smallest
                    + " training images, \"" + names.get(index(train, largest)) + "\" has " + largest);
        }
        for (int label = 0; label < train.length; label++) {
            if (train[label] == 0 || test[label] == 0) {
                String split = train[label] > 0 ? "test" : test[label] > 0 ? "training" : "training or test";
                all.add("class \"" + names.get(label) + "\" has no " + split + " images");
            }
        }
        if (duplicates > 0) {
            all.add(duplicates + " of " + IntStream.of(test).sum()
                    + " test images are in the training split, too: the accuracy will look better than it is");
        }
        return List.copyOf(all);
    }

    private static int index(int[] counts, int wanted) {
        return IntStream.range(0, counts.length)
                .filter(k -> counts[k] == wanted)
                .findFirst()
                .orElse(0);
    }

    /** Counts the test images whose very pixels are in the training split, by their digests. */
    static int duplicates(DataSource source) throws DatasetUnavailableException {
        Set<ByteBuffer> trained = new HashSet<>();
        for (int k = 0; k < source.size(Split.TRAIN); k++) {
            trained.add(digest(source, Split.TRAIN, k));
        }
        int found = 0;
        for (int k = 0; k < source.size(Split.TEST); k++) {
            found += trained.contains(digest(source, Split.TEST, k)) ? 1 : 0;
        }
        return found;
    }

    private static ByteBuffer digest(DataSource source, Split split, int index) throws DatasetUnavailableException {
        byte[] pixels = new byte[source.imageSize()];
        source.read(split, index, pixels, 0);
        MessageDigest sha256 = ImageSet.sha256();
        return ByteBuffer.wrap(sha256.digest(pixels));
    }
}
