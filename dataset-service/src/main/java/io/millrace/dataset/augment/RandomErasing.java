// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;
import java.util.Arrays;

/**
 * Covers a random rectangle inside the image with one value, as torchvision's {@code RandomErasing} behind its {@code
 * Normalize}: the value is a normalized one, and becomes the byte that is nearest to it.
 *
 * @param settings of it
 * @param shape of the images
 * @param normalization of their values
 */
record RandomErasing(Augmentation.RandomErasing settings, ImageShape shape, Normalization normalization)
        implements Transform {
    /** After so many rectangles that do not fit the image stays as it is. */
    private static final int ATTEMPTS = 10;

    @Override
    public byte[] apply(byte[] image, KeyedRandom random) {
        if (random.nextDouble() >= settings.p()) {
            return image;
        }
        Proportions wanted = new Proportions(settings.scale(), settings.ratio());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Proportions.Size drawn = wanted.draw((double) shape.height() * shape.width(), random);
            // Here the ratio is that of height to width.
            int height = drawn.width();
            int width = drawn.height();
            if (height < shape.height() && width < shape.width()) {
                int top = random.nextInt(shape.height() - height + 1);
                int left = random.nextInt(shape.width() - width + 1);
                erase(image, top, left, height, width);
                return image;
            }
        }
        return image;
    }

    private void erase(byte[] image, int top, int left, int height, int width) {
        for (int channel = 0; channel < shape.channels(); channel++) {
            byte fill = fill(channel);
            for (int y = top; y < top + height; y++) {
                int from = (channel * shape.height() + y) * shape.width() + left;
                Arrays.fill(image, from, from + width, fill);
            }
        }
    }

    private byte fill(int channel) {
        double value = settings.value() / normalization.scale().get(channel)
                + normalization.zeroPoint().get(channel);
        return (byte) Math.rint(Math.min(Math.max(value, 0), 255));
    }
}
