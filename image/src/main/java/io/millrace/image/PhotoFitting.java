// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Resampler.Beyond;
import java.util.ArrayList;
import java.util.List;

/**
 * What a camera sees: scaled until the shorter side is that of the input, the centre cut out, as torchvision's
 * {@code Resize} and {@code CenterCrop} of one size do it. What is transparent is laid on white, as a page would show it.
 */
record PhotoFitting(ImageShape shape) implements Fitting {
    private static final int WHITE = 255;
    /** Below this contrast nothing can be seen, and what a network says is its prejudice. */
    private static final int UNIFORM = 8;
    /** Of a side, what has to be left of it after the cut. */
    private static final double LITTLE = 0.25;

    @Override
    public int enough() {
        // Four samples under each pixel of the result, along each side.
        return 4 * Math.max(shape.height(), shape.width());
    }

    @Override
    public Fitted fit(Picture picture) {
        Picture opaque = Colours.in(shape.channels(), Colours.over(WHITE, picture));
        double scale = Math.min((double) opaque.height() / shape.height(), (double) opaque.width() / shape.width());
        double tall = scale * shape.height();
        double wide = scale * shape.width();
        return new Fitted(cut(opaque, tall, wide), warnings(opaque, tall, wide));
    }

    private Picture cut(Picture picture, double tall, double wide) {
        if (picture.height() == shape.height() && picture.width() == shape.width()) {
            return picture;
        }
        double top = (picture.height() - tall) / 2;
        double left = (picture.width() - wide) / 2;
        return Resampler.resample(picture, top, left, tall, wide, shape.height(), shape.width(), Beyond.NOTHING);
    }

    private static List<String> warnings(Picture picture, double tall, double wide) {
        List<String> warnings = new ArrayList<>();
        if (Colours.contrast(picture) < UNIFORM) {
            warnings.add(Fitted.BLANK);
        }
        double left = Math.min(tall / picture.height(), wide / picture.width());
        if (left < LITTLE) {
            warnings.add("the picture is " + picture.width() + " x " + picture.height() + ": only "
                    + (int) Math.ceil(100 * left)
                    + " % of it, from its middle, is looked at; cut out what it is about");
        }
        return warnings;
    }
}
