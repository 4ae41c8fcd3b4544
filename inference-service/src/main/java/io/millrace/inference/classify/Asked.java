// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.image.PictureException;
import io.millrace.inference.decode.ImageSource;
import java.util.List;

/**
 * What a client asks.
 *
 * @param images at least one
 * @param several whether they are to be answered as a list, however many there are
 */
public record Asked(List<ImageSource> images, boolean several, Choices choices) {
    /** Reads what a client asks, on a thread that has time for it. */
    @FunctionalInterface
    public interface Reading {
        Asked read() throws PictureException;
    }

    /** One image. */
    public static Asked one(ImageSource image, Choices choices) {
        return new Asked(List.of(image), false, choices);
    }
}
