// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import java.util.stream.IntStream;

/**
 * Scales an image along each axis on its own: a pixel of the result is the weighted mean of those it covers (shrinking:
 * area averaging) or lies between (enlarging: linear interpolation, pixel centres at halves, borders repeated).
 */
final class Resampler {
    private Resampler() {}

    /** Which source pixels make one target pixel: {@code weights[i]} goes with pixel {@code first + i}; they sum to 1. */
    private record Taps(int first, float[] weights) {}

    static PixelGrid resize(PixelGrid image, int height, int width) {
        Taps[] across = taps(image.width(), width);
        Taps[] down = taps(image.height(), height);
        byte[] samples = new byte[image.channels() * height * width];
        float[] narrow = new float[image.height() * width];
        for (int channel = 0; channel < image.channels(); channel++) {
            squeeze(image, channel, across, narrow);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    samples[(channel * height + y) * width + x] = (byte) Math.round(sum(narrow, width, x, down[y]));
                }
            }
        }
        return new PixelGrid(image.channels(), height, width, samples);
    }

    private static void squeeze(PixelGrid image, int channel, Taps[] across, float[] narrow) {
        for (int y = 0; y < image.height(); y++) {
            int row = (channel * image.height() + y) * image.width();
            for (int x = 0; x < across.length; x++) {
                Taps taps = across[x];
                float sum = 0;
                for (int i = 0; i < taps.weights.length; i++) {
                    sum += (image.samples()[row + taps.first + i] & 0xff) * taps.weights[i];
                }
                narrow[y * across.length + x] = sum;
            }
        }
    }

    private static float sum(float[] values, int width, int x, Taps taps) {
        float sum = 0;
        for (int i = 0; i < taps.weights.length; i++) {
            sum += values[(taps.first + i) * width + x] * taps.weights[i];
        }
        return sum;
    }

    private static Taps[] taps(int from, int to) {
        return IntStream.range(0, to)
                .mapToObj(at -> to <= from ? covered(at, from, to) : between(at, from, to))
                .toArray(Taps[]::new);
    }

    private static Taps covered(int at, int from, int to) {
        double scale = (double) from / to;
        double begin = at * scale;
        double end = Math.min((at + 1) * scale, from);
        int first = (int) begin;
        float[] weights = new float[(int) Math.ceil(end) - first];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) ((Math.min(end, first + i + 1) - Math.max(begin, first + i)) / (end - begin));
        }
        return new Taps(first, weights);
    }

    private static Taps between(int at, int from, int to) {
        double place = Math.min(Math.max((at + 0.5) * from / to - 0.5, 0), from - 1);
        int first = Math.min((int) place, Math.max(from - 2, 0));
        float second = (float) (place - first);
        return new Taps(first, from == 1 ? new float[] {1} : new float[] {1 - second, second});
    }
}
