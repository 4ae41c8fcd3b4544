// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Augmentation.Interpolation;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;
import java.util.List;

/**
 * Turns, moves, scales and shears about the centre, as torchvision's {@code RandomAffine}.
 *
 * @param settings of it
 * @param shape of the images
 */
record RandomAffine(Augmentation.RandomAffine settings, ImageShape shape) implements Transform {
    @Override
    public byte[] apply(byte[] image, KeyedRandom random) {
        double degrees = either(settings.degrees(), random);
        int right = 0;
        int down = 0;
        if (settings.translate() != null) {
            right = (int) Math.rint(either(settings.translate().get(0) * shape.width(), random));
            down = (int) Math.rint(either(settings.translate().get(1) * shape.height(), random));
        }
        List<Double> scale = settings.scale();
        double factor = scale == null ? 1 : random.between(scale.get(0), scale.get(1));
        double shear = either(settings.shear(), random);
        return moved(image, Motion.of(degrees, right, down, factor, shear));
    }

    private static double either(double most, KeyedRandom random) {
        return random.between(-most, most);
    }

    /** An image after one motion. */
    byte[] moved(byte[] image, Motion motion) {
        boolean linear = settings.interpolation() == Interpolation.BILINEAR;
        byte[] moved = new byte[image.length];
        int plane = shape.height() * shape.width();
        double middleX = (shape.width() - 1) / 2.0;
        double middleY = (shape.height() - 1) / 2.0;
        for (int y = 0; y < shape.height(); y++) {
            for (int x = 0; x < shape.width(); x++) {
                double fromX = motion.fromX(x - middleX, y - middleY) + middleX;
                double fromY = motion.fromY(x - middleX, y - middleY) + middleY;
                for (int channel = 0; channel < shape.channels(); channel++) {
                    int begin = channel * plane;
                    moved[begin + y * shape.width() + x] =
                            (byte) (linear ? between(image, begin, fromX, fromY) : nearest(image, begin, fromX, fromY));
                }
            }
        }
        return moved;
    }

    private int nearest(byte[] image, int begin, double x, double y) {
        return value(image, begin, (int) Math.rint(x), (int) Math.rint(y));
    }

    private int between(byte[] image, int begin, double x, double y) {
        int left = (int) Math.floor(x);
        int top = (int) Math.floor(y);
        double right = x - left;
        double down = y - top;
        double above = value(image, begin, left, top) * (1 - right) + value(image, begin, left + 1, top) * right;
        double below =
                value(image, begin, left, top + 1) * (1 - right) + value(image, begin, left + 1, top + 1) * right;
        return (int) Math.rint(above * (1 - down) + below * down);
    }

    private int value(byte[] image, int begin, int x, int y) {
        return x < 0 || x >= shape.width() || y < 0 || y >= shape.height()
                ? settings.fill()
                : image[begin + y * shape.width() + x] & 0xff;
    }
}
