// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

/**
 * How a picture has to be turned to stand upright, by the numbers 1 to 8 of the tag Orientation (
 * <a href="https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf">EXIF 2.3</a>, 4.6.4).
 *
 * @param transposed whether rows are columns
 * @param mirrored whether the stored picture, after that, runs from right to left
 * @param flipped whether it, after that, runs from bottom to top
 */
record Orientation(boolean transposed, boolean mirrored, boolean flipped) {
    static final Orientation UPRIGHT = new Orientation(false, false, false);

    static Orientation of(int number) {
        return switch (number) {
            case 2 -> new Orientation(false, true, false);
            case 3 -> new Orientation(false, true, true);
            case 4 -> new Orientation(false, false, true);
            case 5 -> new Orientation(true, false, false);
            case 6 -> new Orientation(true, true, false);
            case 7 -> new Orientation(true, true, true);
            case 8 -> new Orientation(true, false, true);
            default -> UPRIGHT;
        };
    }

    Picture upright(Picture stored) {
        if (equals(UPRIGHT)) {
            return stored;
        }
        int plane = stored.plane();
        byte[] samples = new byte[stored.samples().length];
        for (int channel = 0; channel < stored.channels(); channel++) {
            turn(stored, stored.samples(), channel * plane, samples);
        }
        byte[] alpha = stored.alpha() == null ? null : new byte[plane];
        if (alpha != null) {
            turn(stored, stored.alpha(), 0, alpha);
        }
        return transposed
                ? new Picture(stored.channels(), stored.width(), stored.height(), samples, alpha)
                : new Picture(stored.channels(), stored.height(), stored.width(), samples, alpha);
    }

    private void turn(Picture stored, byte[] from, int begin, byte[] to) {
        int width = transposed ? stored.height() : stored.width();
        int height = transposed ? stored.width() : stored.height();
        int right = transposed ? stored.width() : 1;
        int down = transposed ? 1 : stored.width();
        for (int y = 0; y < height; y++) {
            int row = begin + (flipped ? height - 1 - y : y) * down;
            for (int x = 0; x < width; x++) {
                to[begin + y * width + x] = from[row + (mirrored ? width - 1 - x : x) * right];
            }
        }
    }
}
