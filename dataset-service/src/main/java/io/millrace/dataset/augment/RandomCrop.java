// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Augmentation.PaddingMode;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Pads an image on all sides and cuts out a random part of its size, as torchvision's {@code RandomCrop}: moves it by up to
 * {@code padding} pixels either way.
 *
 * @param settings of it
 * @param shape of the images
 */
record RandomCrop(Augmentation.RandomCrop settings, ImageShape shape) implements Transform {
    /** What lies around the image has the value of the padding. */
    private static final int OUTSIDE = -1;

    @Override
    public byte[] apply(byte[] image, KeyedRandom random) {
        int down = random.nextInt(2 * settings.padding() + 1) - settings.padding();
        int right = random.nextInt(2 * settings.padding() + 1) - settings.padding();
        int[] rows = places(shape.height(), y -> y - down);
        int[] columns = places(shape.width(), x -> x - right);
        byte fill = (byte) (int) settings.fill();
        byte[] moved = new byte[image.length];
        int at = 0;
        for (int channel = 0; channel < shape.channels(); channel++) {
            for (int row : rows) {
                int from = (channel * shape.height() + row) * shape.width();
                for (int column : columns) {
                    moved[at++] = row == OUTSIDE || column == OUTSIDE ? fill : image[from + column];
                }
            }
        }
        return moved;
    }

    /** Where the pixels of a row or a column come from. */
    private int[] places(int size, IntUnaryOperator before) {
        return IntStream.range(0, size)
                .map(before)
                .map(place -> inside(place, size, settings.paddingMode()))
                .toArray();
    }

    private static int inside(int place, int size, PaddingMode mode) {
        if (place >= 0 && place < size) {
            return place;
        }
        return switch (mode) {
            case CONSTANT -> OUTSIDE;
            case EDGE -> place < 0 ? 0 : size - 1;
            case REFLECT -> place < 0 ? -place : 2 * (size - 1) - place;
            case SYMMETRIC -> place < 0 ? -place - 1 : 2 * size - 1 - place;
        };
    }
}
