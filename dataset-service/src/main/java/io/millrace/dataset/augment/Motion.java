// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

/**
 * Where each pixel of a moved image comes from, in pixels from the centre: {@code (xx x + xy y + x0, yx x + yy y + y0)}.
 * The motion itself, which this is the inverse of, shears and turns, then scales, then moves, as torchvision's {@code
 * affine} has it.
 */
record Motion(double xx, double xy, double x0, double yx, double yy, double y0) {
    /**
     * The inverse of a motion.
     *
     * @param degrees turned, clockwise
     * @param right moved, in pixels
     * @param down moved, in pixels
     * @param factor by which it grows
     * @param shear along the width, in degrees
     */
    static Motion of(double degrees, int right, int down, double factor, double shear) {
        // StrictMath gives the same everywhere, Math need not.
        double angle = StrictMath.toRadians(degrees);
        double slant = StrictMath.tan(StrictMath.toRadians(shear));
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        double b = -cos * slant - sin;
        double d = -sin * slant + cos;
        double xx = d / factor;
        double xy = -b / factor;
        double yx = -sin / factor;
        double yy = cos / factor;
        return new Motion(xx, xy, -xx * right - xy * down, yx, yy, -yx * right - yy * down);
    }

    double fromX(double x, double y) {
        return xx * x + xy * y + x0;
    }

    double fromY(double x, double y) {
        return yx * x + yy * y + y0;
    }
}
