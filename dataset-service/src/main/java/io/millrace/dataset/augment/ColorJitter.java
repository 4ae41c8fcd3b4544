// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;

/**
 * Changes brightness, contrast and saturation in random order, as torchvision's {@code ColorJitter}, whose arithmetic of
 * uint8 images in float32 it has: values are cut off after the point, not rounded.
 *
 * @param settings of it
 * @param shape of the images
 */
record ColorJitter(Augmentation.ColorJitter settings, ImageShape shape) implements Transform {
    private static final int RGB = 3;
    private static final int BRIGHTNESS = 0;
    private static final int CONTRAST = 1;
    private static final int CHANGES = 3;

    @Override
    public byte[] apply(byte[] image, KeyedRandom random) {
        float[] factors = {
            factor(settings.brightness(), random),
            factor(settings.contrast(), random),
            factor(settings.saturation(), random)
        };
        int[] order = {0, 1, 2};
        for (int k = CHANGES - 1; k > 0; k--) {
            int other = random.nextInt(k + 1);
            int kept = order[k];
            order[k] = order[other];
            order[other] = kept;
        }
        for (int change : order) {
            if (factors[change] != 1) {
                change(change, image, factors[change]);
            }
        }
        return image;
    }

    private static float factor(double most, KeyedRandom random) {
        return (float) random.between(Math.max(0, 1 - most), 1 + most);
    }

    private void change(int change, byte[] image, float factor) {
        switch (change) {
            case BRIGHTNESS -> brightness(image, factor);
            case CONTRAST -> contrast(image, factor);
            default -> saturation(image, factor);
        }
    }

    /** Between black and the image, or beyond it. */
    static void brightness(byte[] image, float factor) {
        for (int k = 0; k < image.length; k++) {
            image[k] = (byte) clamped((image[k] & 0xff) * factor);
        }
    }

    /** Between the mean of its luma and the image, or beyond it. */
    void contrast(byte[] image, float factor) {
        int plane = shape.height() * shape.width();
        long sum = 0;
        for (int pixel = 0; pixel < plane; pixel++) {
            sum += luma(image, pixel, plane);
        }
        float mean = (float) ((double) sum / plane);
        for (int k = 0; k < image.length; k++) {
            image[k] = blended(image[k], mean, factor);
        }
    }

    /** Between each pixel's luma and the image, or beyond it. */
    void saturation(byte[] image, float factor) {
        if (shape.channels() != RGB) {
            return;
        }
        int plane = shape.height() * shape.width();
        for (int pixel = 0; pixel < plane; pixel++) {
            int luma = luma(image, pixel, plane);
            for (int channel = 0; channel < RGB; channel++) {
                int at = channel * plane + pixel;
                image[at] = blended(image[at], luma, factor);
            }
        }
    }

    private int luma(byte[] image, int pixel, int plane) {
        if (shape.channels() != RGB) {
            return image[pixel] & 0xff;
        }
        int red = image[pixel] & 0xff;
        int green = image[plane + pixel] & 0xff;
        int blue = image[2 * plane + pixel] & 0xff;
        return (int) (red * 0.2989f + green * 0.587f + blue * 0.114f);
    }

    private static byte blended(byte value, float other, float factor) {
        return (byte) clamped((value & 0xff) * factor + other * (1 - factor));
    }

    private static int clamped(float value) {
        return (int) Math.min(Math.max(value, 0), 255);
    }
}
