// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;

/**
 * Exchanges left and right, as torchvision's {@code RandomHorizontalFlip}.
 *
 * @param p the probability of it
 * @param shape of the images
 */
record RandomHorizontalFlip(double p, ImageShape shape) implements Transform {
    @Override
    public byte[] apply(byte[] image, KeyedRandom random) {
        if (random.nextDouble() >= p) {
            return image;
        }
        for (int row = 0; row < image.length; row += shape.width()) {
            for (int left = row, right = row + shape.width() - 1; left < right; left++, right--) {
                byte kept = image[left];
                image[left] = image[right];
                image[right] = kept;
            }
        }
        return image;
    }
}
