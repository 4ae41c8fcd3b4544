// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Real image files, made in memory. */
public final class TestImages {
    private TestImages() {}

    /** A file of a format that the JDK writes. */
    public static byte[] file(BufferedImage image, String format) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalArgumentException("the JDK cannot write this image as " + format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Grey, 8 bits, values as given, row by row. */
    public static BufferedImage grey(int width, int height, byte[] values) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setDataElements(0, 0, width, height, values);
        return image;
    }

    /** Every value from 0 to 255 once. */
    public static byte[] ramp() {
        byte[] values = new byte[256];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) i;
        }
        return values;
    }

    /** One colour all over; {@code argb} as in {@link BufferedImage#setRGB}. */
    public static BufferedImage filled(int width, int height, int type, int argb) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, argb);
            }
        }
        return image;
    }

    /** A palette image of the two colours, in columns. */
    public static BufferedImage palette(int width, int height, int first, int second) {
        byte[] red = {(byte) (first >> 16), (byte) (second >> 16)};
        byte[] green = {(byte) (first >> 8), (byte) (second >> 8)};
        byte[] blue = {(byte) first, (byte) second};
        BufferedImage image = new BufferedImage(
                width, height, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, green, blue));
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.getRaster().setSample(x, y, 0, x % 2);
            }
        }
        return image;
    }

    /** A PNG that claims a size in its header and has no pixels: nothing of that size needs to be there. */
    public static byte[] pngHeader(int width, int height) {
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height).put(new byte[] {8, 0, 0, 0, 0});
        byte[] chunk = pngChunk("IHDR", 13, header.array());
        return ByteBuffer.allocate(8 + chunk.length)
                .putLong(0x89504e470d0a1a0aL)
                .put(chunk)
                .array();
    }

    /** A PNG chunk that claims to have a length. */
    public static byte[] pngChunk(String type, int length, byte[] content) {
        byte[] checked = ByteBuffer.allocate(4 + content.length)
                .put(type.getBytes(US_ASCII))
                .put(content)
                .array();
        CRC32 crc = new CRC32();
        crc.update(checked);
        return ByteBuffer.allocate(8 + checked.length)
                .putInt(length)
                .put(checked)
                .putInt((int) crc.getValue())
                .array();
    }

    /** The header of a BMP, 54 bytes, that claims pixels of a compression and size. */
    public static byte[] bmpHeader(int compression, int imageSize) {
        return ByteBuffer.allocate(54)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {'B', 'M'})
                .putInt(54)
                .putInt(0)
                .putInt(54)
                .putInt(40)
                .putInt(8)
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 24)
                .putInt(compression)
                .putInt(imageSize)
                .array();
    }
}
