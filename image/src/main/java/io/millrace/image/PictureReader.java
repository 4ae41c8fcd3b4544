// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import io.millrace.image.PictureException.Reason;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;

/**
 * Reads PNG, JPEG, GIF, BMP, WebP and TIFF, known by their content. Of what moves the first frame is read. Pictures are
 * turned upright by their EXIF orientation; colour profiles are left out of account ({@link ColourProfiles}). What is
 * damaged is refused, though some of it could be shown: an answer to half a picture answers a question that nobody asked.
 *
 * <p>The size stands in the header and is checked there, before anything is allocated for pixels. Large pictures are read
 * thinned out where that is enough, and all of them at one time share one allowance of pixels, so that they take turns
 * instead of the heap; small ones share another, so that they need not wait for large ones. Nothing is written to disk.
 * Thread-safe.
 */
public final class PictureReader {
    private static final int SMALL = 1 << 18;
    private static final int SMALL_AT_ONCE = 16;
    /** Pixels of large pictures at one time; each takes about eight bytes on its way. */
    private static final int LARGE_AT_ONCE = 1 << 24;

    private final ReadLimits limits;
    private final int largeAtOnce;
    private final Semaphore large;
    private final Semaphore small = new Semaphore(SMALL_AT_ONCE * SMALL, true);

    /** What is done with a picture while it takes its part of the allowance. */
    @FunctionalInterface
    public interface Use<R> {
        /** Makes something of it, something small as a rule. */
        R apply(Picture picture) throws PictureException;
    }

    /** A reader of its own allowance: one is enough for a process. */
    public PictureReader(ReadLimits limits) {
        this(limits, LARGE_AT_ONCE);
    }

    PictureReader(ReadLimits limits, int largeAtOnce) {
        this.limits = limits;
        this.largeAtOnce = largeAtOnce;
        this.large = new Semaphore(largeAtOnce, true);
    }

    /**
     * The whole picture in a file.
     *
     * @throws PictureException when there is none, or it is too large or damaged
     */
    public Picture read(byte[] file) throws PictureException {
        return read(file, Integer.MAX_VALUE, picture -> picture);
    }

    /**
     * The picture in a file as a network takes it.
     *
     * @throws PictureException as {@link #read(byte[])} and {@link Fitting#fit} throw it
     */
    public Fitted read(byte[] file, Fitting fitting) throws PictureException {
        return read(file, fitting, ReadingGate.OPEN);
    }

    /**
     * As {@link #read(byte[], Fitting)}, for somebody who does not wait for ever.
     *
     * @param gate asked before the picture is decoded, and on the way
     */
    public Fitted read(byte[] file, Fitting fitting, ReadingGate gate) throws PictureException {
        return read(file, fitting.enough(), fitting::fit, gate);
    }

    /**
     * What becomes of the picture in a file.
     *
     * @param file its bytes, whatever it is called
     * @param enough pixels that the shorter side has to keep: of a larger picture only every n-th pixel of every n-th row is
     *     read, so that it costs less memory
     * @param use what is made of it
     * @throws PictureException when there is none, or it is too large or damaged, or {@code use} throws it
     */
    public <R> R read(byte[] file, int enough, Use<R> use) throws PictureException {
        return read(file, enough, use, ReadingGate.OPEN);
    }

    private <R> R read(byte[] file, int enough, Use<R> use, ReadingGate gate) throws PictureException {
        if (file.length == 0) {
            throw new PictureException(Reason.MALFORMED, "the image is empty: 0 bytes");
        }
        if (file.length > limits.bytes()) {
            throw new PictureException(
                    Reason.TOO_LARGE,
                    "the image has " + file.length + " bytes, more than the " + limits.bytes()
                            + " that are taken; scale it down");
        }
        ImageFormat format = ImageFormat.of(file);
        ClaimedSizes.check(file, format, limits);
        Opened opened = open(file, format);
        try {
            gate.enter(opened.width * opened.height);
            int cost = Math.min(opened.cost(enough), largeAtOnce);
            Semaphore allowance = cost <= SMALL ? small : large;
            allowance.acquireUninterruptibly(cost);
            try {
                return use.apply(opened.read(enough, gate));
            } finally {
                allowance.release(cost);
            }
        } finally {
            opened.reader.dispose();
        }
    }

    /** Large pictures that wait for their turn. */
    int waiting() {
        return large.getQueueLength();
    }

    private Opened open(byte[] file, ImageFormat format) throws PictureException {
        try {
            ImageReader reader = format.reader();
            reader.setInput(new FileInput(ColourProfiles.without(file, format)), true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            limits.check(format, width, height);
            return new Opened(file, format, reader, width, height);
        } catch (IOException | RuntimeException e) {
            throw damaged(format, e);
        }
    }

    private static PictureException damaged(ImageFormat format, Exception e) {
        String why = e instanceof EOFException
                ? "it ends too early"
                : e.getMessage() == null ? "its bytes make no sense to a reader of that format" : e.getMessage();
        return new PictureException(
                Reason.UNREADABLE,
                "the " + format + " image cannot be read: " + why + "; save it again, or send it anew",
                e);
    }

    /** A file whose header was read. */
    private record Opened(byte[] file, ImageFormat format, ImageReader reader, int width, int height) {
        /** Pixels that are held at one time. */
        private int cost(int enough) {
            int period = format.whole(file) ? 1 : period(enough);
            return Math.max(1, width / period * (height / period));
        }

        /** Of how many pixels along a side one is read. */
        private int period(int enough) {
            boolean whole = format == ImageFormat.WEBP || format == ImageFormat.TIFF;
            return whole ? 1 : Math.max(1, Math.min(width, height) / enough);
        }

        private Picture read(int enough, ReadingGate gate) throws PictureException {
            Damage damage = new Damage();
            try {
                reader.addIIOReadProgressListener(new AbortedReading(gate));
                reader.addIIOReadWarningListener(damage);
                ImageReadParam param = reader.getDefaultReadParam();
                int period = period(enough);
                param.setSourceSubsampling(period, period, period / 2, period / 2);
                BufferedImage read = reader.read(0, param);
                requireOpen(gate);
                Picture stored = Pixels.of(read);
                damage.check(format);
                return Exif.orientation(file, format).upright(stored);
            } catch (IOException | RuntimeException e) {
                requireOpen(gate);
                // Readers answer damage with exceptions of every kind, ArrayIndexOutOfBounds included.
                throw damaged(format, e);
            }
        }

        /** Of a reader that was stopped, what it gives means nothing. */
        private static void requireOpen(ReadingGate gate) {
            if (gate.closed()) {
                throw new CancellationException("nobody waits for this picture any more");
            }
        }
    }
}
