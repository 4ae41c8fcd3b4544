// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.InputConvention;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A labelled image data set, decoded and in memory.
 *
 * @param kind what it was made from, for people
 * @param info its name, digest, sizes, classes and normalization, as runs carry them
 * @param train training split
 * @param test test split
 */
public record ImageSet(String kind, Dataset info, Samples train, Samples test) implements DataSource {

    /**
     * Describes samples.
     *
     * @param kind what it was made from, for people
     * @param name of the data set
     * @param channels C of {@code [N,C,H,W]}
     * @param height H
     * @param width W
     * @param classes label names by index
     * @param normalization of a pixel; null: it is computed, so that each channel of the training split has mean 0 and
     *     standard deviation 1
     */
    public static ImageSet of(
            String kind,
            String name,
            int channels,
            int height,
            int width,
            List<String> classes,
            Normalization normalization,
            Samples train,
            Samples test) {
        String digest = digest(channels, height, width, train, test);
        Normalization known = normalization == null
                ? new ChannelStatistics(channels)
                        .add(train.pixels(), height * width)
                        .normalization()
                : normalization;
        Dataset info = new Dataset(name, digest, train.size(), test.size(), channels, height, width, classes, known);
        return new ImageSet(kind, info, train, test);
    }

    /** The same with pictures of another convention. */
    ImageSet with(InputConvention convention) {
        return new ImageSet(kind, info.with(convention), train, test);
    }

    private Samples samples(Split split) {
        return split == Split.TRAIN ? train : test;
    }

    @Override
    public int label(Split split, int index) {
        return samples(split).label(index);
    }

    @Override
    public void read(Split split, int index, byte[] into, int offset) {
        System.arraycopy(samples(split).pixels(), index * imageSize(), into, offset, imageSize());
    }

    @Override
    public Contents contents() {
        try {
            return Contents.of(kind, this, Contents.duplicates(this));
        } catch (DatasetUnavailableException e) {
            throw new IllegalStateException("what is in memory can be read", e);
        }
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
        return digest("SHA-256");
    }

    /** One of the digests that every Java platform has. */
    public static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256 and MD5", e);
        }
    }
}
