// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.model.HeatTest.Pictures;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Colour pictures of a disc, a square, a cross or a ring: somewhere, in any size and colour, on uneven ground. */
final class Scenes {
    private static final int CHANNELS = 3;
    private static final int KINDS = 4;

    private Scenes() {}

    static Pictures draw(int count, int side, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> images = new ArrayList<>();
        List<boolean[]> boxes = new ArrayList<>();
        int[] labels = new int[count];
        for (int k = 0; k < count; k++) {
            int radius = random.nextInt(side / 8, side / 5 + 1);
            int x = random.nextInt(radius, side - radius);
            int y = random.nextInt(radius, side - radius);
            labels[k] = random.nextInt(KINDS);
            byte[] image = new byte[CHANNELS * side * side];
            boolean[] box = new boolean[side * side];
            for (int channel = 0; channel < CHANNELS; channel++) {
                int ground = random.nextInt(120);
                int colour = random.nextInt(160, 256);
                for (int pixel = 0; pixel < side * side; pixel++) {
                    int across = Math.abs(pixel % side - x);
                    int down = Math.abs(pixel / side - y);
                    box[pixel] = Math.max(across, down) <= radius;
                    image[channel * side * side + pixel] =
                            (byte) (on(labels[k], across, down, radius) ? colour : ground + random.nextInt(60));
                }
            }
            images.add(image);
            boxes.add(box);
        }
        return new Pictures(CHANNELS, side, images, labels, boxes);
    }

    private static boolean on(int kind, int across, int down, int radius) {
        int distance = across * across + down * down;
        return switch (kind) {
            case 0 -> distance <= radius * radius;
            case 1 -> Math.max(across, down) <= radius;
            case 2 -> Math.min(across, down) <= radius / 3 && Math.max(across, down) <= radius;
            default -> distance <= radius * radius && distance * 25 >= radius * radius * 9;
        };
    }
}
