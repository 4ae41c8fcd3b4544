// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;
import io.millrace.image.Fitting;
import io.millrace.image.Region.Box;

/**
 * A random part of the picture in the size of the images, as torchvision's {@code RandomResizedCrop}. It is cut from the
 * picture in its file, before anything is scaled. Immutable.
 *
 * @param settings of it
 * @param shape of the images
 */
record RandomResizedCrop(Augmentation.RandomResizedCrop settings, ImageShape shape) {
    /** After so many parts that do not fit, the centre is taken. */
    private static final int ATTEMPTS = 10;

    /** Of a picture that is not cut so, along each side, samples under a pixel of the result. */
    private static final int USUAL = 4;

    /** How one picture is to be read. */
    Fitting fitting(KeyedRandom random) {
        return Fitting.cut(shape, enough(), (height, width) -> box(height, width, random));
    }

    /** So that the smallest part still has a pixel for each of the result. */
    private int enough() {
        double flat = Math.min(settings.ratio().get(0), 1 / settings.ratio().get(1));
        double smallest = Math.sqrt(settings.scale().get(0) * Math.min(flat, 1));
        int side = Math.max(shape.height(), shape.width());
        return (int) Math.min(Integer.MAX_VALUE, Math.max(USUAL * side, Math.ceil(side / smallest)));
    }

    Box box(int height, int width, KeyedRandom random) {
        Proportions wanted = new Proportions(settings.scale(), settings.ratio());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Proportions.Size part = wanted.draw((double) height * width, random);
            if (part.height() > 0 && part.height() <= height && part.width() > 0 && part.width() <= width) {
                int top = random.nextInt(height - part.height() + 1);
                int left = random.nextInt(width - part.width() + 1);
                return new Box(top, left, part.height(), part.width());
            }
        }
        return centre(height, width);
    }

    /** As much of the centre as the ratios allow. */
    private Box centre(int height, int width) {
        double least = settings.ratio().get(0);
        double largest = settings.ratio().get(1);
        double ratio = (double) width / height;
        int tall = ratio < least ? Math.max(1, (int) Math.rint(width / least)) : height;
        int wide = ratio > largest ? Math.max(1, (int) Math.rint(height * largest)) : width;
        return new Box((height - tall) / 2, (width - wide) / 2, tall, wide);
    }
}
