// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
        try {
            ByteArrayOutputStream chunk = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(chunk);
            out.writeBytes("IHDR");
            out.writeInt(width);
            out.writeInt(height);
            out.write(new byte[] {8, 0, 0, 0, 0});
            CRC32 crc = new CRC32();
            crc.update(chunk.toByteArray());
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            DataOutputStream png = new DataOutputStream(file);
            png.writeLong(0x89504e470d0a1a0aL);
            png.writeInt(13);
            png.write(chunk.toByteArray());
            png.writeInt((int) crc.getValue());
            return file.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
