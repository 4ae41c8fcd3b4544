// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.model.graph.EvidenceMap;
import java.util.Arrays;
import java.util.List;

/**
 * How much each pixel of an image speaks for an answer. It is the product of what maps of several sizes say, so that large
 * ones say where and small ones what; what speaks against the answer counts as nothing.
 *
 * @param height of the image
 * @param width of the image
 * @param values row after row, from 0 to 1, which the largest is; all 0 where nothing speaks for the answer; not copied
 */
public record Heat(int height, int width, float[] values) {
    /**
     * From the evidence in maps, each one's largest set to 1, and brought to the image's size: cells stand where they look,
     * and between them it is interpolated.
     *
     * @param evidence of each map, row after row; below 0 what speaks against the answer
     */
    static Heat of(int height, int width, List<EvidenceMap> maps, List<float[]> evidence) {
        float[] product = new float[height * width];
        Arrays.fill(product, 1);
        for (int k = 0; k < maps.size(); k++) {
            multiply(product, height, width, maps.get(k), scaled(evidence.get(k)));
        }
        return new Heat(height, width, scaled(product));
    }

    private static float[] scaled(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        float[] scaled = new float[values.length];
        for (int k = 0; k < values.length; k++) {
            scaled[k] = largest > 0 ? Math.max(0, values[k]) / largest : 0;
        }
        return scaled;
    }

    private static void multiply(float[] product, int height, int width, EvidenceMap map, float[] cells) {
        int rows = map.shape().height();
        int columns = map.shape().width();
        for (int y = 0; y < height; y++) {
            double row = place(map, y, rows);
            int above = (int) row;
            int below = Math.min(above + 1, rows - 1);
            for (int x = 0; x < width; x++) {
                double column = place(map, x, columns);
                int left = (int) column;
                int right = Math.min(left + 1, columns - 1);
                double upper = between(cells[above * columns + left], cells[above * columns + right], column - left);
                double lower = between(cells[below * columns + left], cells[below * columns + right], column - left);
                product[y * width + x] *= (float) between(upper, lower, row - above);
            }
        }
    }

    /** Where among a map's cells a pixel lies, from the first to the last. */
    private static double place(EvidenceMap map, int pixel, int cells) {
        return Math.max(0, Math.min(cells - 1, (pixel - map.first()) / map.apart()));
    }

    private static double between(double from, double to, double part) {
        return from + (to - from) * part;
    }

    /** Whether nothing speaks for the answer. */
    public boolean none() {
        for (float value : values) {
            if (value > 0) {
                return false;
            }
        }
        return true;
    }
}
