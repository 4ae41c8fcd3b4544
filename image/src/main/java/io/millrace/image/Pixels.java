// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * The values of a decoded image as they stand in the file. Grey stays grey and unchanged: Java2D would convert it
 * between the gamma of its grey and of its sRGB colour space. 16-bit values are scaled to 8.
 */
final class Pixels {
    private static final int OPAQUE = 255;
    private static final int RGB = 3;

    private Pixels() {}

    static Picture of(BufferedImage image) {
        ColorModel colors = image.getColorModel();
        if (!(colors instanceof ComponentColorModel) || !plain(colors)) {
            return packed(image);
        }
        Raster raster = image.getRaster();
        return raster.getSampleModel() instanceof PixelInterleavedSampleModel
                        && raster.getDataBuffer() instanceof DataBufferByte bytes
                ? interleaved(raster, bytes, colors)
                : components(raster, colors);
    }

    /** Whether the samples are grey or red, green, blue as they stand, unsigned. */
    private static boolean plain(ColorModel colors) {
        int type = colors.getColorSpace().getType();
        int transfer = colors.getTransferType();
        return (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB)
                && (transfer == DataBuffer.TYPE_BYTE || transfer == DataBuffer.TYPE_USHORT)
                && !colors.isAlphaPremultiplied();
    }

    /** Bytes side by side: nearly all pictures that there are, so that they are copied once and not through integers. */
    private static Picture interleaved(Raster raster, DataBufferByte buffer, ColorModel colors) {
        PixelInterleavedSampleModel model = (PixelInterleavedSampleModel) raster.getSampleModel();
        int[] offsets = model.getBandOffsets();
        byte[] from = buffer.getData();
        int begin = buffer.getOffset()
                + (raster.getMinY() - raster.getSampleModelTranslateY()) * model.getScanlineStride()
                + (raster.getMinX() - raster.getSampleModelTranslateX()) * model.getPixelStride();
        Planes planes = new Planes(colors.getNumColorComponents(), colors.hasAlpha(), raster);
        for (int band = 0; band < planes.bands(); band++) {
            for (int y = 0; y < planes.height; y++) {
                int at = begin + y * model.getScanlineStride() + offsets[band];
                for (int x = 0; x < planes.width; x++, at += model.getPixelStride()) {
                    planes.put(band, y, x, from[at]);
                }
            }
        }
        return planes.picture();
    }

    private static Picture components(Raster raster, ColorModel colors) {
        Planes planes = new Planes(colors.getNumColorComponents(), colors.hasAlpha(), raster);
        int bands = raster.getNumBands();
        int[] row = new int[planes.width * bands];
        for (int y = 0; y < planes.height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, planes.width, 1, row);
            for (int x = 0; x < planes.width; x++) {
                for (int band = 0; band < planes.bands(); band++) {
                    planes.put(band, y, x, eightBits(row[x * bands + band], colors.getComponentSize(band)));
                }
            }
        }
        return planes.picture();
    }

    private static byte eightBits(int value, int bits) {
        int max = (1 << bits) - 1;
        return (byte) (max == OPAQUE ? value : (value * OPAQUE + max / 2) / max);
    }

    /** Palettes and packed integers, which {@link BufferedImage#getRGB} gives as they are. */
    private static Picture packed(BufferedImage image) {
        boolean grey = image.getColorModel() instanceof IndexColorModel palette && grey(palette);
        Planes planes = new Planes(grey ? 1 : RGB, image.getColorModel().hasAlpha(), image.getRaster());
        int[] row = new int[planes.width];
        for (int y = 0; y < planes.height; y++) {
            image.getRGB(0, y, planes.width, 1, row, 0, planes.width);
            for (int x = 0; x < planes.width; x++) {
                for (int channel = 0; channel < planes.channels; channel++) {
                    planes.put(channel, y, x, (byte) (row[x] >> 16 - 8 * channel));
                }
                if (planes.alpha != null) {
                    planes.put(planes.channels, y, x, (byte) (row[x] >>> 24));
                }
            }
        }
        return planes.picture();
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

    /** A picture that is being filled, band by band: the channels, then alpha where there is one. */
    private static final class Planes {
        private final int channels;
        private final int height;
        private final int width;
        private final byte[] samples;
        private final byte[] alpha;

        private Planes(int channels, boolean alpha, Raster of) {
            this.channels = channels;
            this.height = of.getHeight();
            this.width = of.getWidth();
            this.samples = new byte[channels * height * width];
            this.alpha = alpha ? new byte[height * width] : null;
        }

        private int bands() {
            return alpha == null ? channels : channels + 1;
        }

        private void put(int band, int y, int x, byte value) {
            if (band < channels) {
                samples[(band * height + y) * width + x] = value;
            } else {
                alpha[y * width + x] = value;
            }
        }

        private Picture picture() {
            return new Picture(channels, height, width, samples, transparent() ? alpha : null);
        }

        private boolean transparent() {
            if (alpha != null) {
                for (byte value : alpha) {
                    if (value != (byte) OPAQUE) {
                        return true;
                    }
                }
            }
            return false;
        }
    }
}
