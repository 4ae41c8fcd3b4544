// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Dataset;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A labelled image data set, decoded and in memory.
 *
 * @param info its name, digest, sizes, classes and normalization, as runs carry them
 * @param train training split
 * @param test test split
 */
public record ImageSet(Dataset info, Samples train, Samples test) {

    /**
     * Describes samples.
     *
     * @param name of the data set
     * @param channels C of {@code [N,C,H,W]}
     * @param height H
     * @param width W
     * @param classes label names by index
     * @param normalization of a pixel
     */
    public static ImageSet of(
            String name,
            int channels,
            int height,
            int width,
            List<String> classes,
            Normalization normalization,
            Samples train,
            Samples test) {
        String digest = digest(channels, height, width, train, test);
        Dataset info =
                new Dataset(name, digest, train.size(), test.size(), channels, height, width, classes, normalization);
        return new ImageSet(info, train, test);
    }

    /** Number of values of one image: C·H·W. */
    public int imageSize() {
        return info.channels() * info.height() * info.width();
    }

    private static String digest(int channels, int height, int width, Samples train, Samples test) {
        MessageDigest sha256 = sha256();
        String shape = train.size() + "," + test.size() + "x" + channels + "x" + height + "x" + width;
        sha256.update(shape.getBytes(US_ASCII));
        for (Samples split : List.of(train, test)) {
            sha256.update(split.pixels());
            sha256.update(split.labels());
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
