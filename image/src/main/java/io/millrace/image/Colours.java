// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import java.util.Arrays;

/** Between colour and grey, and what lies under transparency. */
final class Colours {
    private static final int RGB = 3;
    private static final int OPAQUE = 255;
    private static final int LEVELS = 256;

    private Colours() {}

    /**
     * The picture in so many channels. Colour becomes grey by its luma (ITU-R BT.601 in 16-bit fixed point, as Pillow's
     * {@code convert("L")}), grey becomes colour by the same value in each channel.
     *
     * @param channels 1 or 3
     */
    static Picture in(int channels, Picture picture) {
        if (picture.channels() == channels) {
            return picture;
        }
        return channels == 1 ? grey(picture) : replicated(picture);
    }

    /** Grey that is written as colour, as what it is; other pictures as they are. */
    static Picture flat(Picture picture) {
        int plane = picture.plane();
        byte[] samples = picture.samples();
        boolean flat = picture.channels() == RGB
                && Arrays.equals(samples, 0, plane, samples, plane, 2 * plane)
                && Arrays.equals(samples, 0, plane, samples, 2 * plane, RGB * plane);
        return flat ? grey(picture) : picture;
    }

    private static Picture grey(Picture picture) {
        byte[] rgb = picture.samples();
        int plane = picture.plane();
        byte[] grey = new byte[plane];
        for (int i = 0; i < plane; i++) {
            int red = rgb[i] & 0xff;
            int green = rgb[plane + i] & 0xff;
            int blue = rgb[2 * plane + i] & 0xff;
            // The weights sum up to 65536, so that grey stays what it is.
            grey[i] = (byte) (red * 19595 + green * 38470 + blue * 7471 + 0x8000 >> 16);
        }
        return new Picture(1, picture.height(), picture.width(), grey, picture.alpha());
    }

    private static Picture replicated(Picture picture) {
        int plane = picture.plane();
        byte[] rgb = new byte[RGB * plane];
        for (int channel = 0; channel < RGB; channel++) {
            System.arraycopy(picture.samples(), 0, rgb, channel * plane, plane);
        }
        return new Picture(RGB, picture.height(), picture.width(), rgb, picture.alpha());
    }

    /** The picture laid on a ground of one value in all channels. */
    static Picture over(int ground, Picture picture) {
        if (picture.alpha() == null) {
            return picture;
        }
        byte[] samples = new byte[picture.samples().length];
        int plane = picture.plane();
        for (int i = 0; i < samples.length; i++) {
            int alpha = picture.alpha()[i % plane] & 0xff;
            int value = picture.samples()[i] & 0xff;
            samples[i] = (byte) ((value * alpha + ground * (OPAQUE - alpha) + OPAQUE / 2) / OPAQUE);
        }
        return new Picture(picture.channels(), picture.height(), picture.width(), samples);
    }

    /** How far the values of the channel that varies most lie apart, 0 to 255. */
    static int contrast(Picture picture) {
        int most = 0;
        for (int channel = 0; channel < picture.channels(); channel++) {
            int lowest = OPAQUE;
            int highest = 0;
            for (int i = channel * picture.plane(); i < (channel + 1) * picture.plane(); i++) {
                int value = picture.samples()[i] & 0xff;
                lowest = Math.min(lowest, value);
                highest = Math.max(highest, value);
            }
            most = Math.max(most, highest - lowest);
        }
        return most;
    }

    /**
     * The value below which a part of a histogram lies.
     *
     * @param part 0 to 1
     */
    static int quantile(int[] histogram, double part) {
        long all = 0;
        for (int count : histogram) {
            all += count;
        }
        long below = 0;
        for (int value = 0; value < LEVELS; value++) {
            below += histogram[value];
            if (below > part * all) {
                return value;
            }
        }
        return OPAQUE;
    }
}
