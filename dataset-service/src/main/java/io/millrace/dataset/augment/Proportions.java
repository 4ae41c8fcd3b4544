// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.dataset.KeyedRandom;
import java.util.List;

/**
 * Rectangles by area and shape: the area is uniform between two bounds, the ratio between two others by its logarithm, as
 * torchvision draws both.
 *
 * @param scale least and largest area, in areas of the whole
 * @param ratio least and largest width by height
 */
record Proportions(List<Double> scale, List<Double> ratio) {
    /** A rectangle in whole pixels, from 0 on. */
    record Size(int height, int width) {}

    /**
     * A random one.
     *
     * @param area of the whole
     */
    Size draw(double area, KeyedRandom random) {
        double part = area * random.between(scale.get(0), scale.get(1));
        // The logarithms and powers of StrictMath are the same everywhere, those of Math need not be.
        double shape = StrictMath.exp(random.between(StrictMath.log(ratio.get(0)), StrictMath.log(ratio.get(1))));
        return new Size((int) Math.rint(Math.sqrt(part / shape)), (int) Math.rint(Math.sqrt(part * shape)));
    }
}
