// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

/**
 * A square window that runs over maps.
 *
 * @param kernel pixels in a row
 * @param stride pixels from one place to the next
 * @param padding zeros beside the map, on each side
 */
public record Window(int kernel, int stride, int padding) {
    static final Window PIXEL = new Window(1, 1, 0);

    /** One that makes maps of the same size, or of a part of it. */
    public static Window centred(int kernel, int stride) {
        return new Window(kernel, stride, kernel / 2);
    }

    /**
     * Places along one side of a map.
     *
     * @throws IllegalArgumentException when there is none
     */
    public int places(int side) {
        int places = Math.floorDiv(side + 2 * padding - kernel, stride) + 1;
        if (places < 1) {
            throw new IllegalArgumentException("a window of " + kernel + " pixels does not fit onto a map of " + side
                    + " with a padding of " + padding + ": the image is too small for the network");
        }
        return places;
    }

    /** Shape after the window, of so many channels. */
    Shape over(Shape input, int channels) {
        return new Shape(channels, places(input.height()), places(input.width()));
    }
}
