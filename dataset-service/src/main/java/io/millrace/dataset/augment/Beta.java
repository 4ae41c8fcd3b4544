// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.dataset.KeyedRandom;

/** The symmetric Beta distribution, from two gammas (Marsaglia and Tsang 2000). Stateless. */
final class Beta {
    private Beta() {}

    /**
     * A number of it, 0 to 1.
     *
     * @param alpha both parameters, 0.05 or more
     */
    static double draw(double alpha, KeyedRandom random) {
        double one = gamma(alpha, random);
        double other = gamma(alpha, random);
        return one / (one + other);
    }

    private static double gamma(double alpha, KeyedRandom random) {
        if (alpha < 1) {
            return gamma(alpha + 1, random) * StrictMath.pow(1 - random.nextDouble(), 1 / alpha);
        }
        double d = alpha - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = normal(random);
            double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
            double u = 1 - random.nextDouble();
            if (v > 0 && StrictMath.log(u) < x * x / 2 + d - d * v + d * StrictMath.log(v)) {
                return d * v;
            }
        }
    }

    /** By Box and Muller; that of {@link KeyedRandom} is only about normal. */
    private static double normal(KeyedRandom random) {
        double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
        return radius * StrictMath.cos(2 * StrictMath.PI * random.nextDouble());
    }
}
