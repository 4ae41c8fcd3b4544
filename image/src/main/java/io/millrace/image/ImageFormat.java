// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import io.millrace.image.PictureException.Reason;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * The formats that are read, known by their first bytes; what a file is called does not matter. PNG, GIF and BMP are
 * the JDK's. Of <a href="https://github.com/haraldk/TwelveMonkeys">TwelveMonkeys</a> are JPEG, since the JDK's reads neither
 * CMYK nor what strays from the standard, WebP, which the JDK lacks, and TIFF, for the compressions that it lacks.
 */
enum ImageFormat {
    PNG("\u0089PNG\r\n\u001a\n"),
    JPEG("\u00ff\u00d8\u00ff"),
    GIF("GIF8"),
    BMP("BM"),
    WEBP("RIFF....WEBP"),
    TIFF("II*\0", "MM\0*");

    /** What people send and what is not read. */
    private static final Map<String, String> OTHERS = Map.of(
            "....ftyphei", "a HEIC picture, as phones write it",
            "....ftypmif1", "a HEIF picture, as phones write it",
            "....ftypavi", "an AVIF picture",
            "....jP  ", "a JPEG 2000 picture",
            "8BPS", "a Photoshop document",
            "%PDF", "a PDF document",
            "<svg", "an SVG drawing",
            "PK\u0003\u0004", "a zip archive",
            "\u0000\u0000\u0001\u0000", "an icon");

    private static final char ANY = '.';

    private final String[] beginnings;

    ImageFormat(String... beginnings) {
        this.beginnings = beginnings;
    }

    /**
     * The format of a file.
     *
     * @throws PictureException when it is none of these
     */
    static ImageFormat of(byte[] file) throws PictureException {
        for (ImageFormat format : values()) {
            if (Arrays.stream(format.beginnings).anyMatch(beginning -> begins(file, beginning))) {
                return format;
            }
        }
        String what = OTHERS.keySet().stream()
                .filter(beginning -> begins(file, beginning))
                .findFirst()
                .map(beginning -> "this is " + OTHERS.get(beginning) + ", which is not read")
                .orElse("this is no picture that is read: its first bytes are of no known format");
        throw new PictureException(
                Reason.UNSUPPORTED, what + "; send it as PNG, JPEG, GIF (first frame), BMP, WebP or TIFF");
    }

    /** A new reader, to be disposed of. */
    ImageReader reader() throws IOException {
        return switch (this) {
            case JPEG -> Providers.JPEG.createReaderInstance();
            case WEBP -> Providers.WEBP.createReaderInstance();
            case TIFF -> Providers.TIFF.createReaderInstance();
            default -> ImageIO.getImageReadersByFormatName(name()).next();
        };
    }

    /**
     * Pixels at the most, whatever the limits: TIFF is held whole, and the reader of WebP takes tens of bytes and a
     * microsecond and more for each.
     */
    int most() {
        return this == WEBP ? 1 << 22 : this == TIFF ? 1 << 24 : Integer.MAX_VALUE;
    }

    /** Whether a file is decoded whole, however few of its pixels are wanted. */
    boolean whole(byte[] file) {
        return this == WEBP || this == TIFF || this == JPEG && progressive(file);
    }

    private static boolean progressive(byte[] file) {
        int at = 2;
        while (at + 3 < file.length && file[at] == (byte) 0xff) {
            int marker = file[at + 1] & 0xff;
            if (marker == 0xc2 || marker == 0xc0 || marker == 0xda) {
                return marker == 0xc2;
            }
            // Fill bytes stand before a marker, segments have their length behind it.
            at += marker == 0xff ? 1 : 2 + ((file[at + 2] & 0xff) << 8 | file[at + 3] & 0xff);
        }
        return true;
    }

    private static boolean begins(byte[] file, String beginning) {
        for (int i = 0; i < beginning.length(); i++) {
            char expected = beginning.charAt(i);
            if (i == file.length || expected != ANY && (file[i] & 0xff) != expected) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return this == WEBP ? "WebP" : name();
    }

    /** Made by name and not found by ImageIO, which looks where the first thread to ask has its class loader. */
    private static final class Providers {
        private static final ImageReaderSpi JPEG = new JPEGImageReaderSpi();
        private static final ImageReaderSpi WEBP = new WebPImageReaderSpi();
        private static final ImageReaderSpi TIFF = new TIFFImageReaderSpi();

        static {
            // It finds the JDK's, which decodes for it, when it is registered.
            IIORegistry.getDefaultInstance().registerServiceProvider(JPEG);
        }
    }
}
