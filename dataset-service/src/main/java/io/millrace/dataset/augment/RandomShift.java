// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.dataset.KeyedRandom;

/**
 * Moves an image by a random number of pixels in each direction, as padding with zeros and cropping does. Where to depends
 * on (seed, epoch, sample) alone. Immutable.
 */
public final class RandomShift {
    private final int limit;
    private final long seed;

    /**
     * Shifts by up to {@code limit} pixels.
     *
     * @param limit 0: images stay where they are
     * @param seed of the run
     */
    public RandomShift(int limit, long seed) {
        this.limit = limit;
        this.seed = seed;
    }

    /**
     * Copies one image {@code [C,H,W]}, shifted.
     *
     * @param from holds the image from {@code fromOffset} on
     * @param to zeros from {@code toOffset} on, to be filled
     * @param epoch from 0
     * @param sample number of the image in its split
     */
    public void copy(
            byte[] from,
            int fromOffset,
            byte[] to,
            int toOffset,
            int channels,
            int height,
            int width,
            int epoch,
            int sample) {
        if (limit == 0) {
            System.arraycopy(from, fromOffset, to, toOffset, channels * height * width);
            return;
        }
        KeyedRandom random = KeyedRandom.of("shift", seed, epoch, sample);
        int down = random.nextInt(2 * limit + 1) - limit;
        int right = random.nextInt(2 * limit + 1) - limit;
        int length = width - Math.abs(right);
        for (int channel = 0; channel < channels; channel++) {
            for (int y = Math.max(0, down); y < height + Math.min(0, down); y++) {
                int source = (channel * height + y - down) * width + Math.max(0, -right);
                int target = (channel * height + y) * width + Math.max(0, right);
                System.arraycopy(from, fromOffset + source, to, toOffset + target, length);
            }
        }
    }
}
