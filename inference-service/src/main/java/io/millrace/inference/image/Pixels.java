// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * The values of a decoded image as they stand in the file. Grey stays grey and unchanged: Java2D would convert it
 * between the gamma of its grey and of its sRGB colour space. 16-bit values are scaled to 8; what is transparent is
 * laid over black, the background of the data sets this was made for.
 */
final class Pixels {
    private static final int OPAQUE = 255;

    private Pixels() {}

    static PixelGrid of(BufferedImage image) {
        ColorModel colors = image.getColorModel();
        if (colors instanceof ComponentColorModel && plain(colors)) {
            return components(image.getRaster(), colors);
        }
        return packed(image);
    }

    /** Whether the samples are grey or red, green, blue as they stand, unsigned. */
    private static boolean plain(ColorModel colors) {
        int type = colors.getColorSpace().getType();
        int transfer = colors.getTransferType();
        return (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB)
                && (transfer == DataBuffer.TYPE_BYTE || transfer == DataBuffer.TYPE_USHORT)
                && !colors.isAlphaPremultiplied();
    }

    private static PixelGrid components(Raster raster, ColorModel colors) {
        int channels = colors.getNumColorComponents();
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] samples = new byte[channels * height * width];
        int bands = raster.getNumBands();
        int[] row = new int[width * bands];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int alpha = colors.hasAlpha() ? eightBits(row[x * bands + channels], colors, channels) : OPAQUE;
                for (int channel = 0; channel < channels; channel++) {
                    int value = eightBits(row[x * bands + channel], colors, channel);
                    samples[(channel * height + y) * width + x] = overBlack(value, alpha);
                }
            }
        }
        return new PixelGrid(channels, height, width, samples);
    }

    private static int eightBits(int value, ColorModel colors, int component) {
        int max = (1 << colors.getComponentSize(component)) - 1;
        return max == OPAQUE ? value : (value * OPAQUE + max / 2) / max;
    }

    private static byte overBlack(int value, int alpha) {
        return (byte) (alpha == OPAQUE ? value : (value * alpha + OPAQUE / 2) / OPAQUE);
    }

    /** Palettes and packed integers, which {@link BufferedImage#getRGB} gives as they are. */
    private static PixelGrid packed(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int channels = image.getColorModel() instanceof IndexColorModel palette && grey(palette) ? 1 : 3;
        byte[] samples = new byte[channels * height * width];
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                for (int channel = 0; channel < channels; channel++) {
                    int value = row[x] >> (16 - 8 * channel) & 0xff;
                    samples[(channel * height + y) * width + x] = overBlack(value, row[x] >>> 24);
                }
            }
        }
        return new PixelGrid(channels, height, width, samples);
    }

    private static boolean grey(IndexColorModel palette) {
        for (int index = 0; index < palette.getMapSize(); index++) {
            int value = palette.getRed(index);
            if (value != palette.getGreen(index) || value != palette.getBlue(index)) {
                return false;
            }
        }
        return true;
    }
}
