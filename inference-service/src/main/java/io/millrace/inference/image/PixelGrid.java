// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

/**
 * One image, 8 bits per value.
 *
 * @param channels C: 1 for grey, 3 for red, green and blue
 * @param height H in pixels
 * @param width W in pixels
 * @param samples uint8 {@code [C,H,W]}; not copied, not to be changed
 */
public record PixelGrid(int channels, int height, int width, byte[] samples) {
    public PixelGrid {
        if (samples.length != channels * height * width) {
            throw new IllegalArgumentException("an image " + channels + "x" + height + "x" + width + " has "
                    + channels * height * width + " values, not " + samples.length);
        }
    }

    /** Number of pixels of one channel. */
    int plane() {
        return height * width;
    }
}
