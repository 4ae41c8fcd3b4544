// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import io.millrace.inference.image.ImageException.Reason;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads PNG, JPEG, GIF (first frame) and BMP. The size stands in the header and is checked there, before anything is
 * allocated for pixels. All large images at one time share one allowance of pixels, so that they take turns instead of
 * the heap; small ones share another, so that they need not wait for large ones. Orientation (EXIF) and colour profiles
 * are not applied. Thread-safe.
 */
public final class ImageDecoder {
    private static final int SMALL = 1 << 18;
    private static final int SMALL_AT_ONCE = 16;

    private final int maxPixels;
    private final Semaphore large;
    private final Semaphore small = new Semaphore(SMALL_AT_ONCE * SMALL, true);

    /** What is done with a decoded image while it takes its part of the allowance. */
    @FunctionalInterface
    public interface Use {
        /** Makes another image of it, a small one as a rule. */
        PixelGrid apply(PixelGrid image) throws ImageException;
    }

    /**
     * A decoder.
     *
     * @param maxPixels largest width × height that is taken, and the most that are decoded of large images at one time
     */
    public ImageDecoder(int maxPixels) {
        this.maxPixels = maxPixels;
        this.large = new Semaphore(maxPixels, true);
    }

    /**
     * What becomes of the image in a file.
     *
     * @throws ImageException when there is none, or it is too large or damaged, or {@code use} throws it
     */
    public PixelGrid decode(byte[] file, Use use) throws ImageException {
        if (file.length == 0) {
            throw new ImageException(Reason.MALFORMED, "the image is empty: 0 bytes");
        }
        ImageFormat format = ImageFormat.of(file)
                .orElseThrow(() -> new ImageException(
                        Reason.UNSUPPORTED,
                        "this is not a PNG, JPEG, GIF or BMP image: its first bytes are of neither"));
        ClaimedSizes.check(file, format);
        ImageReader reader = reader(format);
        try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader.setInput(in, true, true);
            return decode(reader, format, use);
        } catch (IOException | RuntimeException e) {
            // The JDK's readers answer damage with exceptions of every kind, ArrayIndexOutOfBounds included.
            throw new ImageException(
                    Reason.UNREADABLE, "the " + format + " image cannot be read: " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    private PixelGrid decode(ImageReader reader, ImageFormat format, Use use) throws IOException, ImageException {
        int pixels = checkedPixels(reader.getWidth(0), reader.getHeight(0), format);
        Semaphore allowance = pixels <= SMALL ? small : large;
        allowance.acquireUninterruptibly(pixels);
        try {
            Damage damage = new Damage();
            reader.addIIOReadWarningListener(damage);
            BufferedImage image = reader.read(0);
            damage.check(format);
            return use.apply(Pixels.of(image));
        } finally {
            allowance.release(pixels);
        }
    }

    /** Large images that wait for their turn. */
    int waiting() {
        return large.getQueueLength();
    }

    private int checkedPixels(int width, int height, ImageFormat format) throws ImageException {
        long pixels = (long) width * height;
        if (pixels > maxPixels) {
            throw ImageException.tooManyPixels("the " + format + " image", width, height, maxPixels);
        }
        return (int) pixels;
    }

    private static ImageReader reader(ImageFormat format) {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name());
        return readers.next();
    }
}
