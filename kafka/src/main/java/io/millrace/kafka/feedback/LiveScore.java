// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka.feedback;

/**
 * How often answers were right, of those about which somebody said what is.
 *
 * @param right of them
 * @param all of them
 */
public record LiveScore(long right, long all) {
    /** Of no answers. */
    public static final LiveScore NONE = new LiveScore(0, 0);

    /** 1.96 standard deviations to both sides: 95 %. */
    private static final double Z = 1.96;

    /** The part that was right, 0 to 1; NaN of none. */
    public double accuracy() {
        return (double) right / all;
    }

    /**
     * With a confidence of 95 % it is no less, were those answers drawn by chance
     * (<a href="https://doi.org/10.1080/01621459.1927.10502953">Wilson</a>); NaN of none.
     */
    public double low() {
        return bound(-1);
    }

    /** As well, no more. */
    public double high() {
        return bound(1);
    }

    private double bound(int side) {
        double share = accuracy();
        double z2 = Z * Z / all;
        double bound = (share + z2 / 2 + side * Z * Math.sqrt(share * (1 - share) / all + z2 / (4 * all))) / (1 + z2);
        return Math.max(0, Math.min(1, bound));
    }

    /** One answer more. */
    public LiveScore with(boolean wasRight) {
        return new LiveScore(right + (wasRight ? 1 : 0), all + 1);
    }

    /** One answer fewer. */
    public LiveScore without(boolean wasRight) {
        return new LiveScore(right - (wasRight ? 1 : 0), all - 1);
    }
}
