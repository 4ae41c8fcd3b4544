// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.dataset.source.ChannelStatistics;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.Decoders;
import io.millrace.dataset.source.ImageSet;
import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.HeaderSize;
import io.millrace.image.Picture;
import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads every picture once, as it will be trained on: which cannot be used, what they are made into, what they add up to.
 * Nothing but digests stays in memory. Used once.
 */
final class Survey {
    /** Of a picture that is narrower, or much longer than wide, hardly anything would be seen. */
    private static final int LEAST_SIDE = 4;

    private static final int MOST_RATIO = 20;
    /** So many of the first are looked at before it is decided what all are made into. */
    private static final int FIRST = 16;
    /** Pictures of one size up to this one are trained on in that size. */
    private static final int SMALL = 64;
    /** Else they are made so: what torchvision's networks learnt from. */
    private static final int USUAL = 224;

    private static final int DIGEST = 32;

    private final Sources sources;
    private final InputConvention convention;
    private final Optional<ImageShape> wanted;
    private final PictureReader reader;

    /** Since they are changed side by side, under the lock of this object. */
    private final Map<Integer, String> unusable = new TreeMap<>();

    private Extent extent = new Extent();
    private ChannelStatistics statistics;
    private byte[] digests;

    /** Files, what they show, and how they are read. */
    interface Sources {
        /** How many there are. */
        int size();

        /** The bytes of one. */
        byte[] bytes(int index) throws DatasetUnavailableException;

        /** Which split it is in. */
        Split split(int index);

        /** The class that it shows. */
        int label(int index);
    }

    /**
     * @param sources the files
     * @param convention how they are fitted
     * @param wanted height and width that they are to be made; its channels do not matter
     * @param reader reads them
     */
    Survey(Sources sources, InputConvention convention, Optional<ImageShape> wanted, PictureReader reader) {
        this.sources = sources;
        this.convention = convention;
        this.wanted = wanted;
        this.reader = reader;
    }

    /** Sizes and colour of the pictures as they were found. */
    private static final class Extent {
        private int leastHeight = Integer.MAX_VALUE;
        private int leastWidth = Integer.MAX_VALUE;
        private int mostHeight;
        private int mostWidth;
        private int channels = 1;

        synchronized void add(HeaderSize size, Picture picture) {
            leastHeight = Math.min(leastHeight, size.height());
            leastWidth = Math.min(leastWidth, size.width());
            mostHeight = Math.max(mostHeight, size.height());
            mostWidth = Math.max(mostWidth, size.width());
            channels = Math.max(channels, picture.channels());
        }

        String text() {
            String least = leastWidth + "x" + leastHeight;
            String most = mostWidth + "x" + mostHeight;
            return least.equals(most) ? least : least + " to " + most;
        }

        boolean ofOneSmallSize() {
            return leastHeight == mostHeight && leastWidth == mostWidth && Math.max(mostHeight, mostWidth) <= SMALL;
        }
    }

    /** Reads all, more than once only where the first pictures did not say what the others are like. */
    Findings findings(Decoders decoders) throws DatasetUnavailableException, InterruptedException {
        ImageShape shape = shape(first(decoders));
        ImageShape found = pass(shape, decoders);
        while (!found.equals(shape)) {
            shape = found;
            found = pass(shape, decoders);
        }
        return new Findings(
                shape.channels(),
                shape.height(),
                shape.width(),
                extent.text(),
                digest(shape),
                statistics.normalization(),
                duplicates(),
                Map.copyOf(unusable));
    }

    private Extent first(Decoders decoders) throws DatasetUnavailableException, InterruptedException {
        Extent first = new Extent();
        decoders.each(Math.min(FIRST, sources.size()), k -> {
            int index = (int) ((long) k * sources.size() / Math.min(FIRST, sources.size()));
            byte[] file = sources.bytes(index);
            try {
                reader.read(file, USUAL, picture -> {
                    first.add(HeaderSize.of(file, picture), picture);
                    return picture.height();
                });
            } catch (PictureException e) {
                // It is told when all are read.
            }
        });
        return first;
    }

    private ImageShape shape(Extent of) {
        if (wanted.isPresent()) {
            return new ImageShape(
                    of.channels, wanted.get().height(), wanted.get().width());
        }
        return of.ofOneSmallSize()
                ? new ImageShape(of.channels, of.mostHeight, of.mostWidth)
                : new ImageShape(of.channels, USUAL, USUAL);
    }

    /** What they should have been read as. */
    private ImageShape pass(ImageShape shape, Decoders decoders)
            throws DatasetUnavailableException, InterruptedException {
        Fitting fitting = Fitting.of(convention, shape);
        extent = new Extent();
        statistics = new ChannelStatistics(shape.channels());
        digests = new byte[Math.multiplyExact(sources.size(), DIGEST)];
        unusable.clear();
        decoders.each(sources.size(), index -> {
            byte[] file = sources.bytes(index);
            try {
                Fitted fitted = reader.read(file, fitting.enough(), picture -> {
                    HeaderSize size = HeaderSize.of(file, picture);
                    check(size);
                    extent.add(size, picture);
                    return fitting.fit(picture);
                });
                add(index, fitted.picture());
            } catch (PictureException e) {
                synchronized (this) {
                    unusable.put(index, e.getMessage());
                }
            }
        });
        return shape(extent);
    }

    private static void check(HeaderSize picture) throws PictureException {
        int shorter = Math.min(picture.height(), picture.width());
        int longer = Math.max(picture.height(), picture.width());
        if (shorter < LEAST_SIDE || longer > MOST_RATIO * shorter) {
            throw new PictureException(
                    PictureException.Reason.UNREADABLE,
                    "the image of " + picture.width() + " x " + picture.height()
                            + " pixels is too narrow for anything to be seen in it");
        }
    }

    private void add(int index, Picture picture) {
        System.arraycopy(ImageSet.digest("SHA-256").digest(picture.samples()), 0, digests, index * DIGEST, DIGEST);
        if (sources.split(index) == Split.TRAIN) {
            ChannelStatistics own = new ChannelStatistics(picture.channels()).add(picture.samples(), picture.plane());
            synchronized (this) {
                statistics.add(own);
            }
        }
    }

    private ByteBuffer digest(int index) {
        return ByteBuffer.wrap(digests, index * DIGEST, DIGEST);
    }

    private String digest(ImageShape shape) {
        MessageDigest all = ImageSet.digest("SHA-256");
        all.update(("pictures " + shape.channels() + "x" + shape.height() + "x" + shape.width()).getBytes(US_ASCII));
        for (Split split : List.of(Split.TRAIN, Split.TEST)) {
            all.update((byte) split.ordinal());
            for (int index = 0; index < sources.size(); index++) {
                if (sources.split(index) == split && !unusable.containsKey(index)) {
                    all.update(digest(index));
                    all.update(ByteBuffer.allocate(Integer.BYTES)
                            .putInt(sources.label(index))
                            .flip());
                }
            }
        }
        return HexFormat.of().formatHex(all.digest());
    }

    private int duplicates() {
        Set<ByteBuffer> trained = new HashSet<>();
        int found = 0;
        for (Split split : List.of(Split.TRAIN, Split.TEST)) {
            for (int index = 0; index < sources.size(); index++) {
                if (sources.split(index) == split && !unusable.containsKey(index)) {
                    if (split == Split.TRAIN) {
                        trained.add(digest(index));
                    } else if (trained.contains(digest(index))) {
                        found++;
                    }
                }
            }
        }
        return found;
    }
}
