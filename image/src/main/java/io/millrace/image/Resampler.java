// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import java.util.Arrays;

/**
 * Scales a part of a picture along each axis on its own. A pixel of the result is the mean of those around its place,
 * weighted by a triangle that is as wide as a pixel of the result, and at least two of the source: linear interpolation
 * where it is enlarged, antialiased where it shrinks, as
 * <a href="https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters">Pillow's BILINEAR</a> and torchvision's
 * {@code Resize(antialias=True)}.
 */
final class Resampler {
    private Resampler() {}

    /** Which source pixels make one target pixel: {@code weights[i]} goes with pixel {@code first + i}. */
    private record Taps(int first, float[] weights) {}

    /** What lies around a picture. */
    enum Beyond {
        /** Nothing: means are taken over what there is. */
        NOTHING,
        /** Pixels of value 0. */
        ZERO
    }

    /**
     * A part of a picture, which may reach beyond it, in another size.
     *
     * @param top of the part, in pixels of the picture, as left, tall and wide are
     */
    static Picture resample(
            Picture picture, double top, double left, double tall, double wide, int height, int width, Beyond beyond) {
        Taps[] across = taps(picture.width(), left, wide, width, beyond);
        Taps[] down = taps(picture.height(), top, tall, height, beyond);
        int from = down[0].first;
        int to = from;
        for (Taps taps : down) {
            from = Math.min(from, taps.first);
            to = Math.max(to, taps.first + taps.weights.length);
        }
        byte[] samples = new byte[picture.channels() * height * width];
        float[] narrow = new float[(to - from) * width];
        float[] row = new float[width];
        for (int channel = 0; channel < picture.channels(); channel++) {
            for (int y = from; y < to; y++) {
                squeeze(picture, channel * picture.plane() + y * picture.width(), across, narrow, (y - from) * width);
            }
            for (int y = 0; y < height; y++) {
                stack(narrow, down[y], from, row);
                int at = (channel * height + y) * width;
                for (int x = 0; x < width; x++) {
                    samples[at + x] = (byte) (int) (row[x] + 0.5f);
                }
            }
        }
        return new Picture(picture.channels(), height, width, samples);
    }

    private static void squeeze(Picture picture, int row, Taps[] across, float[] narrow, int at) {
        byte[] samples = picture.samples();
        for (int x = 0; x < across.length; x++) {
            Taps taps = across[x];
            float sum = 0;
            for (int i = 0; i < taps.weights.length; i++) {
                sum += (samples[row + taps.first + i] & 0xff) * taps.weights[i];
            }
            narrow[at + x] = sum;
        }
    }

    private static void stack(float[] narrow, Taps taps, int from, float[] row) {
        Arrays.fill(row, 0);
        for (int i = 0; i < taps.weights.length; i++) {
            int at = (taps.first - from + i) * row.length;
            float weight = taps.weights[i];
            for (int x = 0; x < row.length; x++) {
                row[x] += narrow[at + x] * weight;
            }
        }
    }

    private static Taps[] taps(int size, double begin, double length, int to, Beyond beyond) {
        double scale = length / to;
        double reach = Math.max(scale, 1);
        Taps[] taps = new Taps[to];
        for (int at = 0; at < to; at++) {
            double place = begin + (at + 0.5) * scale - 0.5;
            int lowest = (int) Math.floor(place - reach) + 1;
            int highest = (int) Math.ceil(place + reach) - 1;
            int first = Math.min(Math.max(lowest, 0), size - 1);
            int last = Math.max(Math.min(highest, size - 1), first);
            float[] weights = new float[last - first + 1];
            double sum = 0;
            for (int i = lowest; i <= highest; i++) {
                double weight = Math.max(0, 1 - Math.abs(i - place) / reach);
                if (i >= first && i <= last) {
                    weights[i - first] = (float) weight;
                    sum += weight;
                } else if (beyond == Beyond.ZERO) {
                    sum += weight;
                }
            }
            for (int i = 0; i < weights.length; i++) {
                weights[i] = sum == 0 ? 0 : (float) (weights[i] / sum);
            }
            taps[at] = new Taps(first, weights);
        }
        return taps;
    }
}
