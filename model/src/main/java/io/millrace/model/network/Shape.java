// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

/**
 * What a layer makes of one image: {@code channels} maps of {@code height} by {@code width}. A vector has maps of one
 * pixel.
 */
public record Shape(int channels, int height, int width) {
    /** A vector. */
    public static Shape vector(int channels) {
        return new Shape(channels, 1, 1);
    }

    /** Number of elements. */
    public long elements() {
        return (long) channels * height * width;
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
