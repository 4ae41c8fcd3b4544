// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import java.util.Arrays;
import java.util.List;

/** Pictures for people: enlarged, with the heat of an explanation over them, beside each other. */
public final class Overlay {
    private static final int LEAST_SIDE = 224;
    private static final int RGB = 3;
    private static final double DIMMED = 0.6;
    private static final double MOST = 0.85;
    private static final int FULL = 255;
    private static final byte BETWEEN = (byte) 128;

    private Overlay() {}

    /** A small picture enlarged by a whole factor, each pixel as a square; a large one as it is. In colour. */
    public static Picture enlarged(Picture picture) {
        return drawn(picture, null);
    }

    /**
     * A picture with the heat over it: from nothing over red to yellow, the root of the heat, whose few largest pixels would
     * be all that is seen otherwise. Small pictures are {@linkplain #enlarged enlarged}.
     *
     * @param heat of each pixel, row after row, 0 to 1
     * @throws IllegalArgumentException when it is not of as many pixels
     */
    public static Picture of(Picture picture, float[] heat) {
        if (heat.length != picture.plane()) {
            throw new IllegalArgumentException(
                    "the picture has " + picture.plane() + " pixels, the heat " + heat.length);
        }
        return drawn(picture, heat);
    }

    /**
     * Pictures of one size in colour beside each other, with a grey gap between them.
     *
     * @param gap in pixels
     */
    public static Picture beside(List<Picture> pictures, int gap) {
        int height = pictures.get(0).height();
        int width = pictures.stream().mapToInt(Picture::width).sum() + gap * (pictures.size() - 1);
        byte[] samples = new byte[RGB * height * width];
        Arrays.fill(samples, BETWEEN);
        int left = 0;
        for (Picture picture : pictures) {
            for (int row = 0; row < RGB * height; row++) {
                System.arraycopy(
                        picture.samples(), row * picture.width(), samples, row * width + left, picture.width());
            }
            left += picture.width() + gap;
        }
        return new Picture(RGB, height, width, samples);
    }

    private static Picture drawn(Picture picture, float[] heat) {
        int shorter = Math.min(picture.height(), picture.width());
        int factor = Math.max(1, (LEAST_SIDE + shorter - 1) / shorter);
        int height = picture.height() * factor;
        int width = picture.width() * factor;
        byte[] samples = new byte[RGB * height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int pixel = y / factor * picture.width() + x / factor;
                int at = y * width + x;
                if (heat == null) {
                    for (int channel = 0; channel < RGB; channel++) {
                        samples[channel * height * width + at] = (byte) value(picture, channel, pixel);
                    }
                } else {
                    double root = Math.sqrt(heat[pixel]);
                    samples[at] = mixed(value(picture, 0, pixel), FULL, root);
                    samples[height * width + at] = mixed(value(picture, 1, pixel), FULL * root, root);
                    samples[2 * height * width + at] = mixed(value(picture, 2, pixel), 0, root);
                }
            }
        }
        return new Picture(RGB, height, width, samples);
    }

    private static int value(Picture picture, int channel, int pixel) {
        return picture.samples()[Math.min(channel, picture.channels() - 1) * picture.plane() + pixel] & FULL;
    }

    private static byte mixed(int value, double over, double root) {
        return (byte) Math.round(DIMMED * value * (1 - MOST * root) + over * MOST * root);
    }
}
