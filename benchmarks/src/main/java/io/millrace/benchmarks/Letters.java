// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Capital letters that are no digits, drawn by straight strokes as MNIST's digits stand: light on dark, in the middle. */
final class Letters {
    /** Points in percent of the letter's box, y down. */
    private static final List<String[]> STROKES = List.of(
            new String[] {"0,100 50,0 100,100", "20,62 80,62"}, // A
            new String[] {"100,0 0,0 0,100 100,100", "0,50 80,50"}, // E
            new String[] {"100,0 0,0 0,100", "0,50 75,50"}, // F
            new String[] {"0,0 0,100", "100,0 100,100", "0,50 100,50"}, // H
            new String[] {"0,0 0,100", "100,0 0,55 100,100"}, // K
            new String[] {"0,100 0,0 50,60 100,0 100,100"}, // M
            new String[] {"0,100 0,0 100,100 100,0"}, // N
            new String[] {"0,100 0,0 80,0 95,25 80,48 0,48", "45,48 100,100"}, // R
            new String[] {"0,0 100,0", "50,0 50,100"}, // T
            new String[] {"0,0 25,100 50,35 75,100 100,0"}, // W
            new String[] {"0,0 100,100", "100,0 0,100"}, // X
            new String[] {"0,0 50,50 100,0", "50,50 50,100"}); // Y

    private Letters() {}

    /** Images of letters, uint8 {@code [side,side]} each, the same for the same seed. */
    static List<byte[]> drawn(int count, int side, long seed) {
        Random random = new Random(seed);
        List<byte[]> images = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            images.add(draw(STROKES.get(k % STROKES.size()), side, random));
        }
        return images;
    }

    private static byte[] draw(String[] strokes, int side, Random random) {
        double height = side * (0.55 + 0.2 * random.nextDouble());
        double width = height * (0.6 + 0.4 * random.nextDouble());
        double slant = 0.2 * random.nextGaussian();
        double radius = side * (0.03 + 0.03 * random.nextDouble());
        double[] ink = new double[side * side];
        for (String stroke : strokes) {
            double[][] points = Arrays.stream(stroke.split(" "))
                    .map(point -> place(point, side, width, height, slant, random))
                    .toArray(double[][]::new);
            for (int k = 0; k + 1 < points.length; k++) {
                line(points[k], points[k + 1], radius, side, ink);
            }
        }
        byte[] image = new byte[ink.length];
        for (int k = 0; k < ink.length; k++) {
            image[k] = (byte) (int) (255 * ink[k]);
        }
        return image;
    }

    private static double[] place(String point, int side, double width, double height, double slant, Random random) {
        String[] percent = point.split(",");
        double y = height * (Integer.parseInt(percent[1]) / 100.0 - 0.5 + 0.03 * random.nextGaussian());
        double x = width * (Integer.parseInt(percent[0]) / 100.0 - 0.5 + 0.03 * random.nextGaussian());
        return new double[] {side / 2.0 + x - slant * y, side / 2.0 + y};
    }

    private static void line(double[] from, double[] to, double radius, int side, double[] ink) {
        for (int pixel = 0; pixel < ink.length; pixel++) {
            double x = pixel % side + 0.5 - from[0];
            double y = pixel / side + 0.5 - from[1];
            double dx = to[0] - from[0];
            double dy = to[1] - from[1];
            double length = dx * dx + dy * dy;
            double along = length == 0 ? 0 : Math.max(0, Math.min(1, (x * dx + y * dy) / length));
            double distance = Math.hypot(x - along * dx, y - along * dy);
            ink[pixel] = Math.max(ink[pixel], Math.max(0, Math.min(1, radius - distance + 0.5)));
        }
    }
}
