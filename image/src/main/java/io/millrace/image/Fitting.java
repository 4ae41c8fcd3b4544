// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;

/**
 * Makes any picture what a network takes, as the pictures were made that it learnt from: the same for training and for
 * serving. Thread-safe.
 */
public interface Fitting {
    /**
     * The fitting of a convention.
     *
     * @throws IllegalArgumentException when the shape has other channels than 1 or 3
     */
    static Fitting of(InputConvention convention, ImageShape shape) {
        if (shape.channels() != 1 && shape.channels() != 3) {
            throw new IllegalArgumentException("pictures are fitted to 1 or 3 channels, not to " + shape);
        }
        return switch (convention) {
            case INK -> new InkFitting(shape);
            case PHOTO -> new PhotoFitting(shape);
        };
    }

    /**
     * A part of each picture, scaled to the shape whatever its proportions: for training, where the part is drawn by chance.
     *
     * @param shape 1 or 3 channels
     * @param enough how long the shorter side of a large picture has to be read at least
     * @param region the part; the fitting is as thread-safe as it is
     */
    static Fitting cut(ImageShape shape, int enough, Region region) {
        return new CutFitting(shape, enough, region);
    }

    /** What the pictures that come out have in common. A part of a photograph is one. */
    default InputConvention convention() {
        return InputConvention.PHOTO;
    }

    /** What comes out. */
    ImageShape shape();

    /** How long the shorter side of a large picture has to be read at least, see {@link PictureReader#read}. */
    int enough();

    /** The picture as the network takes it. One that is so already passes unchanged, bit by bit. */
    Fitted fit(Picture picture);
}
