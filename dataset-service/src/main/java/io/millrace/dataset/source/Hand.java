// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.dataset.KeyedRandom;
import io.millrace.dataset.source.Glyphs.Point;
import java.util.ArrayList;
import java.util.List;

/** One writing of one digit: which variant, how the hand wavers, how it slants, how thick the pen is. */
final class Hand {
    private static final int POINTS_PER_CURVE = 6;
    /** Standard deviation of a point's place, in parts of the digit's height. */
    private static final double WAVER = 0.045;

    private final KeyedRandom random;
    private final double cos;
    private final double sin;
    private final double slant;
    private final double width;
    private final double height;
    private final double centreX;
    private final double centreY;
    private final double radius;
    private final double brightness;

    /** Everything about the writing comes from these random numbers. */
    Hand(KeyedRandom random, int side) {
        this.random = random;
        double turn = 0.16 * random.gaussian();
        this.cos = StrictMath.cos(turn);
        this.sin = StrictMath.sin(turn);
        this.slant = 0.1 + 0.2 * random.gaussian();
        this.height = side * random.between(0.54, 0.78);
        this.width = height * random.between(0.6, 1.0);
        this.centreX = side * (0.5 + 0.04 * random.gaussian());
        this.centreY = side * (0.5 + 0.04 * random.gaussian());
        this.radius = side * random.between(0.026, 0.062);
        this.brightness = random.between(190, 255);
    }

    /** Writes a digit into {@code [side,side]} uint8 pixels. */
    void write(int digit, int side, byte[] pixels, int offset) {
        List<List<List<Point>>> variants = Glyphs.of(digit);
        Pen pen = new Pen(side);
        for (List<Point> stroke : variants.get(random.nextInt(variants.size()))) {
            draw(pen, waver(stroke));
        }
        pen.copyTo(pixels, offset, brightness);
    }

    private List<Point> waver(List<Point> stroke) {
        List<Point> moved = new ArrayList<>();
        for (Point point : stroke) {
            moved.add(new Point(
                    point.x() + WAVER * random.gaussian(), point.y() + WAVER * random.gaussian(), point.corner()));
        }
        return moved;
    }

    private void draw(Pen pen, List<Point> stroke) {
        double pressure = random.between(0.75, 1.1);
        double change = random.between(-0.35, 0.35) / (stroke.size() - 1);
        double[] last = place(stroke.get(0));
        for (int k = 0; k + 1 < stroke.size(); k++) {
            for (int i = 1; i <= POINTS_PER_CURVE; i++) {
                double[] next = place(curve(stroke, k, (double) i / POINTS_PER_CURVE));
                pen.line(last[0], last[1], next[0], next[1], radius * (pressure + change * k));
                last = next;
            }
        }
    }

    /** Between point k and the next, on a Catmull-Rom curve; at a corner it knows nothing of what lies behind. */
    private static Point curve(List<Point> stroke, int k, double t) {
        Point from = stroke.get(k);
        Point to = stroke.get(k + 1);
        Point before = k == 0 || from.corner() ? from : stroke.get(k - 1);
        Point after = k + 2 == stroke.size() || to.corner() ? to : stroke.get(k + 2);
        return new Point(
                curve(before.x(), from.x(), to.x(), after.x(), t),
                curve(before.y(), from.y(), to.y(), after.y(), t),
                false);
    }

    private static double curve(double before, double from, double to, double after, double t) {
        double linear = to - before;
        double square = 2 * before - 5 * from + 4 * to - after;
        double cubic = -before + 3 * from - 3 * to + after;
        return from + 0.5 * t * (linear + t * (square + t * cubic));
    }

    /** From the unit box to pixels: size, slant, turn, place. */
    private double[] place(Point point) {
        double y = (point.y() - 0.5) * height;
        double x = (point.x() - 0.5) * width - slant * y;
        return new double[] {centreX + cos * x - sin * y, centreY + sin * x + cos * y};
    }
}
