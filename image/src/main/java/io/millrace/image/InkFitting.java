// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.image.Resampler.Beyond;
import java.util.ArrayList;
import java.util.List;

/**
 * Light ink on a dark ground, as <a href="http://yann.lecun.com/exdb/mnist/">MNIST</a> was made: whatever the ink and the
 * ground are ({@link Ink}), cropped to the ink, scaled with its proportions into 20/28 of the input, and placed so that the
 * centre of its mass is the centre of the input. What has the size of the input already was placed by whoever made it, and
 * stays where it is.
 */
record InkFitting(ImageShape shape) implements Fitting {
    /** 20 x 20 in 28 x 28. */
    private static final double INNER = 20.0 / 28;
    /** The centre is pixel 14 of 0 to 27, whose middle lies half a pixel beyond that of the input. */
    private static final double CENTRE = 0.5;
    /** What counts as ink where it ends, of 255. */
    private static final int EDGE = 32;
    /** Of the input, what ink covers at the most: no digit of MNIST has more. */
    private static final double MOST_INK = 0.45;

    @Override
    public InputConvention convention() {
        return InputConvention.INK;
    }

    @Override
    public int enough() {
        // A digit may be a small part of a large picture.
        return Math.max(800, 4 * Math.max(shape.height(), shape.width()));
    }

    @Override
    public Fitted fit(Picture picture) {
        boolean sized = picture.height() == shape.height() && picture.width() == shape.width();
        Picture flat = Colours.flat(picture);
        Ink ink = Ink.of(flat);
        List<String> warnings = new ArrayList<>();
        Picture placed;
        if (sized && ink.asItIs()) {
            placed = flat;
        } else if (ink.blank()) {
            placed = new Picture(1, shape.height(), shape.width(), new byte[shape.height() * shape.width()]);
        } else if (sized) {
            placed = ink.picture();
        } else {
            placed = placed(ink.picture());
        }
        if (ink.blank()) {
            warnings.add(Fitted.BLANK);
        } else if (!ink.seen() || covered(placed) > MOST_INK) {
            warnings.add("the picture does not look like ink on a ground of one colour, which is what this model learnt"
                    + " from; send a drawing, or cut out what is written");
        }
        return new Fitted(Colours.in(shape.channels(), placed), warnings);
    }

    private Picture placed(Picture ink) {
        Mass mass = Mass.of(ink, EDGE);
        double side = INNER * Math.min(shape.height(), shape.width());
        double scale = Math.max(mass.bottom - mass.top, mass.right - mass.left) / side;
        double tall = scale * shape.height();
        double wide = scale * shape.width();
        double top = within(mass.y - scale * (shape.height() / 2.0 + CENTRE), mass.bottom - tall, mass.top);
        double left = within(mass.x - scale * (shape.width() / 2.0 + CENTRE), mass.right - wide, mass.left);
        return Resampler.resample(ink, top, left, tall, wide, shape.height(), shape.width(), Beyond.ZERO);
    }

    private static double within(double value, double lowest, double highest) {
        return Math.min(Math.max(value, lowest), highest);
    }

    private static double covered(Picture picture) {
        long sum = 0;
        for (byte value : picture.samples()) {
            sum += value & 0xff;
        }
        return sum / 255.0 / picture.samples().length;
    }

    /** Where ink is: its box, and the centre of its mass, in pixels from the upper left corner of the picture. */
    private record Mass(int top, int bottom, int left, int right, double y, double x) {
        private static Mass of(Picture ink, int edge) {
            int top = ink.height();
            int bottom = 0;
            int left = ink.width();
            int right = 0;
            double sum = 0;
            double down = 0;
            double across = 0;
            for (int y = 0; y < ink.height(); y++) {
                for (int x = 0; x < ink.width(); x++) {
                    int value = ink.samples()[y * ink.width() + x] & 0xff;
                    if (value >= edge) {
                        top = Math.min(top, y);
                        bottom = y + 1;
                        left = Math.min(left, x);
                        right = Math.max(right, x + 1);
                        sum += value;
                        down += value * (y + 0.5);
                        across += value * (x + 0.5);
                    }
                }
            }
            return new Mass(top, bottom, left, right, down / sum, across / sum);
        }
    }
}
