// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

/** Chooses the part of a picture that is looked at. */
@FunctionalInterface
public interface Region {
    /**
     * The part of a picture of some size.
     *
     * @param height of the picture in pixels, as it was read: a large one may have been thinned out
     * @param width of the picture in pixels
     */
    Box of(int height, int width);

    /**
     * A rectangle of pixels.
     *
     * @param top rows above it
     * @param left columns on its left
     * @param height rows of it, at least 1
     * @param width columns of it, at least 1
     */
    record Box(int top, int left, int height, int width) {}
}
