// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Region.Box;
import io.millrace.image.Resampler.Beyond;
import java.util.List;

/**
 * A part of the picture, scaled to the size of the input whatever its proportions, as torchvision's {@code resized_crop}
 * does it, antialiased. What is transparent is laid on white.
 */
record CutFitting(ImageShape shape, int enough, Region region) implements Fitting {
    private static final int WHITE = 255;

    @Override
    public Fitted fit(Picture picture) {
        Picture part = cut(picture, region.of(picture.height(), picture.width()));
        Picture opaque = Colours.in(shape.channels(), Colours.over(WHITE, part));
        return new Fitted(scaled(opaque), List.of());
    }

    private Picture scaled(Picture part) {
        if (part.height() == shape.height() && part.width() == shape.width()) {
            return part;
        }
        return Resampler.resample(
                part, 0, 0, part.height(), part.width(), shape.height(), shape.width(), Beyond.NOTHING);
    }

    private static Picture cut(Picture picture, Box box) {
        byte[] alpha = picture.alpha() == null ? null : new byte[box.height() * box.width()];
        byte[] samples = new byte[picture.channels() * box.height() * box.width()];
        for (int channel = 0; channel < picture.channels(); channel++) {
            cut(picture.samples(), channel, picture, samples, box);
        }
        if (alpha != null) {
            cut(picture.alpha(), 0, picture, alpha, box);
        }
        return new Picture(picture.channels(), box.height(), box.width(), samples, alpha);
    }

    private static void cut(byte[] planes, int plane, Picture of, byte[] to, Box box) {
        for (int y = 0; y < box.height(); y++) {
            int from = plane * of.plane() + (box.top() + y) * of.width() + box.left();
            System.arraycopy(planes, from, to, (plane * box.height() + y) * box.width(), box.width());
        }
    }
}
