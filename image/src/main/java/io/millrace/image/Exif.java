// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.io.IOException;

/**
 * How a camera was held. The mark is looked for as bytes, wherever it stands: what it finds by chance is no directory of
 * TIFF and tells nothing.
 */
final class Exif {
    private static final byte[] JPEG = "Exif\0\0".getBytes(US_ASCII);
    private static final byte[] PNG = "eXIf".getBytes(US_ASCII);
    private static final byte[] WEBP = "EXIF".getBytes(US_ASCII);

    private Exif() {}

    /** The orientation of a file, upright where it does not tell. */
    static Orientation orientation(byte[] file, ImageFormat format) {
        int begin =
                switch (format) {
                    case JPEG -> after(file, JPEG, 0);
                    case PNG -> after(file, PNG, 0);
                    case WEBP -> inside(file, after(file, WEBP, Integer.BYTES));
                    case TIFF -> 0;
                    default -> -1;
                };
        return begin < 0 ? Orientation.UPRIGHT : read(file, begin);
    }

    /** Some writers put the mark of JPEG into the chunk of WebP. */
    private static int inside(byte[] file, int chunk) {
        int mark = chunk < 0 ? -1 : after(file, JPEG, 0);
        return mark == chunk + JPEG.length ? mark : chunk;
    }

    private static Orientation read(byte[] file, int begin) {
        try (ByteArrayImageInputStream in = new ByteArrayImageInputStream(file, begin, file.length - begin)) {
            Entry entry = new TIFFReader().read(in).getEntryById(TIFF.TAG_ORIENTATION);
            return entry != null && entry.getValue() instanceof Number value
                    ? Orientation.of(value.intValue())
                    : Orientation.UPRIGHT;
        } catch (IOException | RuntimeException e) {
            // What cannot be read of a camera's notes is no reason to refuse its picture.
            return Orientation.UPRIGHT;
        }
    }

    private static int after(byte[] file, byte[] mark, int gap) {
        int at = Bytes.find(file, mark, 0);
        return at < 0 ? -1 : at + mark.length + gap;
    }
}
