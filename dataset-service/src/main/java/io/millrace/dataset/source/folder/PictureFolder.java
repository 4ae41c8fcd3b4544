// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.dataset.source.Contents;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.Decoders;
import io.millrace.dataset.source.ImageSet;
import io.millrace.image.Fitting;
import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Pictures in a directory, a zip or a tar, decoded anew each time they are read, so that it does not matter how large they
 * are together. That a file is still what it was when the set was opened is checked at each reading.
 */
public final class PictureFolder implements DataSource {
    static final InputConvention CONVENTION = InputConvention.PHOTO;

    private final FileTree tree;
    private final List<Layout.Item> items;
    private final long[] fingerprints;
    private final int[] train;
    private final int[] test;
    private final Dataset info;
    private final Contents contents;
    private final PictureReader reader;
    private final Fitting fitting;

    /**
     * What is wanted of a folder.
     *
     * @param size height and width that images are to be made; empty: it is found out
     * @param testShare the part of one tree of classes that becomes the test split
     * @param maxBadShare the part of the files that may be unusable
     * @param maxUnpacked bytes that a gzipped tar may unpack to
     */
    public record Options(Optional<ImageShape> size, double testShare, double maxBadShare, long maxUnpacked) {}

    /**
     * @param items the files
     * @param fingerprints of their contents, see {@link #fingerprint}
     * @param train numbers of those that are trained on
     * @param test numbers of those that are tested on
     * @param contents what was found, from what this is then
     */
    PictureFolder(
            FileTree tree,
            List<Layout.Item> items,
            long[] fingerprints,
            int[] train,
            int[] test,
            Dataset info,
            PictureReader reader,
            Function<DataSource, Contents> contents) {
        this.tree = tree;
        this.items = items;
        this.fingerprints = fingerprints;
        this.train = train;
        this.test = test;
        this.info = info;
        this.reader = reader;
        this.fitting = Fitting.of(CONVENTION, info.shape());
        this.contents = contents.apply(this);
    }

    /**
     * Finds out what is in a place, and reads all of it once, unless that was done before.
     *
     * @param name of the data set
     * @param place a directory, a zip, a tar or a gzipped tar
     * @param cache directory for what is unpacked and found out
     * @throws DatasetUnavailableException when it is no data set, or too much of it cannot be used; the message says what
     *     was found and what to do
     */
    public static DataSource open(String name, Path place, Path cache, Options options, Decoders decoders)
            throws DatasetUnavailableException, InterruptedException {
        FileTree tree = FileTree.open(place, cache, options.maxUnpacked());
        return new Opening(name, place, tree, Layout.of(tree, place.toString()), options).open(cache, decoders);
    }

    @Override
    public Dataset info() {
        return info;
    }

    private int item(Split split, int index) {
        return (split == Split.TRAIN ? train : test)[index];
    }

    @Override
    public int label(Split split, int index) {
        return items.get(item(split, index)).label();
    }

    @Override
    public void read(Split split, int index, byte[] into, int offset) throws DatasetUnavailableException {
        read(split, index, fitting, into, offset);
    }

    @Override
    public void read(Split split, int index, Fitting wanted, byte[] into, int offset)
            throws DatasetUnavailableException {
        int item = item(split, index);
        FileTree.Entry file = items.get(item).file();
        try {
            byte[] bytes = tree.read(file, ReadLimits.DEFAULT.bytes());
            if (fingerprint(bytes) != fingerprints[item]) {
                throw gone(file, "it is not what it was when the run began", null);
            }
            byte[] pixels = reader.read(bytes, wanted).picture().samples();
            System.arraycopy(pixels, 0, into, offset, pixels.length);
        } catch (DatasetUnavailableException e) {
            throw e;
        } catch (IOException | PictureException e) {
            throw gone(file, e.getMessage(), e);
        }
    }

    private DatasetUnavailableException gone(FileTree.Entry file, String why, Exception cause) {
        return new DatasetUnavailableException(
                "\"" + file.path() + "\" of the data set " + info.name() + " cannot be read any more (" + why
                        + "); put it back as it was, or delete the run and start another one",
                cause);
    }

    @Override
    public Contents contents() {
        return contents;
    }

    static long fingerprint(byte[] bytes) {
        return ByteBuffer.wrap(ImageSet.digest("SHA-256").digest(bytes)).getLong();
    }
}
