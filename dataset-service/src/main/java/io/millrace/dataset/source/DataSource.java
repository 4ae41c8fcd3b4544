// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Fitting;
import io.millrace.image.Picture;
import java.util.stream.IntStream;

/**
 * A labelled image data set of which any sample can be read at any time, each time the same. Thread-safe: samples are read
 * side by side.
 */
public interface DataSource {
    /** Its name, digest, sizes, classes and normalization, as runs carry them. */
    Dataset info();

    /** The class of a sample, an index into the classes of {@link #info()}. */
    int label(Split split, int index);

    /**
     * Reads a sample as uint8 {@code [C,H,W]}, row-major.
     *
     * @param index from 0 to the split's size
     * @param into holds {@link #imageSize()} bytes from {@code offset} on
     * @throws DatasetUnavailableException when it cannot be read any more, or is not what it was
     */
    void read(Split split, int index, byte[] into, int offset) throws DatasetUnavailableException;

    /**
     * Reads a sample, as {@link #read(Split, int, byte[], int)} does, fitted in another way than usual: from the picture in
     * its file where there is one, else from the image.
     *
     * @param fitting to the shape of {@link #info()}
     */
    default void read(Split split, int index, Fitting fitting, byte[] into, int offset)
            throws DatasetUnavailableException {
        byte[] image = new byte[imageSize()];
        read(split, index, image, 0);
        ImageShape shape = info().shape();
        Picture picture = new Picture(shape.channels(), shape.height(), shape.width(), image);
        System.arraycopy(fitting.fit(picture).picture().samples(), 0, into, offset, image.length);
    }

    /** What was found: counts, sizes, what was passed over. */
    Contents contents();

    /** Number of samples of a split. */
    default int size(Split split) {
        return split == Split.TRAIN ? info().trainSamples() : info().testSamples();
    }

    /** Number of values of one image: C·H·W. */
    default int imageSize() {
        return info().channels() * info().height() * info().width();
    }

    /** How many samples of a split show each class, {@code [K]}. */
    default int[] counts(Split split) {
        int[] counts = new int[info().classes().size()];
        IntStream.range(0, size(split)).forEach(index -> counts[label(split, index)]++);
        return counts;
    }
}
