// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/**
 * One picture, 8 bits per value, upright.
 *
 * @param channels C: 1 for grey, 3 for red, green and blue
 * @param height H in pixels
 * @param width W in pixels
 * @param samples uint8 {@code [C,H,W]}, as they stand in the file, not multiplied by alpha; not copied, not to be changed
 * @param alpha uint8 {@code [H,W]}, 0 for transparent; null where all is opaque; not copied, not to be changed
 */
public record Picture(int channels, int height, int width, byte[] samples, byte[] alpha) {
    public Picture {
        if (samples.length != channels * height * width) {
            throw new IllegalArgumentException("an image " + channels + "x" + height + "x" + width + " has "
                    + channels * height * width + " values, not " + samples.length);
        }
        if (alpha != null && alpha.length != height * width) {
            throw new IllegalArgumentException(
                    "an image of " + height + " x " + width + " pixels has as many alphas, not " + alpha.length);
        }
    }

    /** One without transparency. */
    public Picture(int channels, int height, int width, byte[] samples) {
        this(channels, height, width, samples, null);
    }

    /** Number of pixels of one channel. */
    public int plane() {
        return height * width;
    }

    /** As a PNG file, without its transparency. */
    public byte[] png() {
        BufferedImage image = new BufferedImage(
                width, height, channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        int[] values = new int[channels];
        for (int pixel = 0; pixel < plane(); pixel++) {
            for (int channel = 0; channel < channels; channel++) {
                values[channel] = samples[channel * plane() + pixel] & 0xFF;
            }
            image.getRaster().setPixel(pixel % width, pixel / width, values);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", file);
        } catch (IOException e) {
            throw new UncheckedIOException("a picture cannot be written into memory", e);
        }
        return file.toByteArray();
    }
}
