// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

/**
 * Draws lines on a grey image, white on black, with smooth edges: a pixel is as bright as the nearest line covers it.
 * Only plain arithmetic and square roots, which Java defines to the last bit, so the same strokes give the same image
 * everywhere. Not thread-safe.
 */
final class Pen {
    /** Width of the edge in pixels over which ink fades to nothing. */
    private static final double SOFTNESS = 1.3;

    private final int side;
    private final double[] coverage;

    /** An empty image of side by side pixels. */
    Pen(int side) {
        this.side = side;
        this.coverage = new double[side * side];
    }

    /** A straight line in pixel coordinates, with round ends. */
    void line(double fromX, double fromY, double toX, double toY, double radius) {
        double reach = radius + SOFTNESS;
        int left = pixel(Math.min(fromX, toX) - reach);
        int right = pixel(Math.max(fromX, toX) + reach);
        int top = pixel(Math.min(fromY, toY) - reach);
        int bottom = pixel(Math.max(fromY, toY) + reach);
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                double distance = distance(x + 0.5, y + 0.5, fromX, fromY, toX, toY);
                double covered = Math.max(0, Math.min(1, (radius - distance) / SOFTNESS + 0.5));
                coverage[y * side + x] = Math.max(coverage[y * side + x], covered);
            }
        }
    }

    /** Writes the image as uint8, row by row. */
    void copyTo(byte[] pixels, int offset, double brightness) {
        for (int k = 0; k < coverage.length; k++) {
            pixels[offset + k] = (byte) (int) (coverage[k] * brightness + 0.5);
        }
    }

    private int pixel(double coordinate) {
        return Math.max(0, Math.min(side - 1, (int) coordinate));
    }

    private static double distance(double x, double y, double fromX, double fromY, double toX, double toY) {
        double dx = toX - fromX;
        double dy = toY - fromY;
        double length = dx * dx + dy * dy;
        double along = length == 0 ? 0 : ((x - fromX) * dx + (y - fromY) * dy) / length;
        double part = Math.max(0, Math.min(1, along));
        double offX = fromX + part * dx - x;
        double offY = fromY + part * dy - y;
        return Math.sqrt(offX * offX + offY * offY);
    }
}
