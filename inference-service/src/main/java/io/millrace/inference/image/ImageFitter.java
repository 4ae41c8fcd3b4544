// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import io.millrace.inference.image.ImageException.Reason;

/**
 * Makes an image what a network takes: its number of channels and its size. An image that is so already passes
 * unchanged, bit by bit.
 *
 * <ul>
 *   <li>Colour to grey: luma of ITU-R BT.601 in 16-bit fixed point, as Pillow's {@code convert("L")}.
 *   <li>Grey to colour: the same value in each channel.
 *   <li>Size: scaled as a whole until it fits, then centred; what remains beside it is 0. Shrinking averages the area
 *       under each pixel, enlarging interpolates linearly.
 * </ul>
 *
 * @param channels C
 * @param height H in pixels
 * @param width W in pixels
 */
public record ImageFitter(int channels, int height, int width) {
    private static final int RGB = 3;

    /**
     * The image as the network takes it, uint8 {@code [C,H,W]}.
     *
     * @throws ImageException when its channels cannot be turned into those of the network
     */
    public PixelGrid fit(PixelGrid image) throws ImageException {
        PixelGrid colored = withChannels(image);
        if (colored.height() == height && colored.width() == width) {
            return colored;
        }
        double scale = Math.min((double) height / colored.height(), (double) width / colored.width());
        int innerHeight = Math.max(1, (int) Math.round(colored.height() * scale));
        int innerWidth = Math.max(1, (int) Math.round(colored.width() * scale));
        return centred(Resampler.resize(colored, innerHeight, innerWidth));
    }

    private PixelGrid withChannels(PixelGrid image) throws ImageException {
        if (image.channels() == channels) {
            return image;
        }
        if (image.channels() == RGB && channels == 1) {
            return grey(image);
        }
        if (image.channels() == 1 && channels == RGB) {
            return replicated(image);
        }
        throw new ImageException(
                Reason.UNREADABLE,
                "the image has " + image.channels() + " channels, the model takes " + channels
                        + "; only 1 and 3 are turned into each other");
    }

    private static PixelGrid grey(PixelGrid image) {
        byte[] rgb = image.samples();
        int plane = image.plane();
        byte[] grey = new byte[plane];
        for (int i = 0; i < plane; i++) {
            int red = rgb[i] & 0xff;
            int green = rgb[plane + i] & 0xff;
            int blue = rgb[2 * plane + i] & 0xff;
            // The weights sum up to 65536, so that grey stays what it is.
            grey[i] = (byte) (red * 19595 + green * 38470 + blue * 7471 + 0x8000 >> 16);
        }
        return new PixelGrid(1, image.height(), image.width(), grey);
    }

    private static PixelGrid replicated(PixelGrid image) {
        int plane = image.plane();
        byte[] rgb = new byte[RGB * plane];
        for (int channel = 0; channel < RGB; channel++) {
            System.arraycopy(image.samples(), 0, rgb, channel * plane, plane);
        }
        return new PixelGrid(RGB, image.height(), image.width(), rgb);
    }

    private PixelGrid centred(PixelGrid inner) {
        byte[] samples = new byte[channels * height * width];
        int top = (height - inner.height()) / 2;
        int left = (width - inner.width()) / 2;
        for (int channel = 0; channel < channels; channel++) {
            for (int y = 0; y < inner.height(); y++) {
                int from = (channel * inner.height() + y) * inner.width();
                int to = (channel * height + top + y) * width + left;
                System.arraycopy(inner.samples(), from, samples, to, inner.width());
            }
        }
        return new PixelGrid(channels, height, width, samples);
    }
}
