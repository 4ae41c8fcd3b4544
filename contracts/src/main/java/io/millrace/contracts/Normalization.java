// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

import java.util.ArrayList;
import java.util.List;

/**
 * Per-channel affine quantization: {@code value = (q - zeroPoint) * scale}, where {@code q} is an 8-bit source value
 * and {@code value} what the network sees. It carries the usual {@code (q / 255 - mean) / std} exactly, at a quarter of
 * the bytes of published floats.
 *
 * @param scale one factor per channel, finite and not zero
 * @param zeroPoint one offset per channel in source units (0 to 255), finite
 */
public record Normalization(List<Float> scale, List<Float> zeroPoint) {
    public Normalization {
        scale = List.copyOf(scale);
        zeroPoint = List.copyOf(zeroPoint);
        if (scale.isEmpty() || scale.size() != zeroPoint.size()) {
            throw new IllegalArgumentException("normalization needs one scale and one zero_point per channel, got "
                    + scale.size() + " and " + zeroPoint.size());
        }
        for (int channel = 0; channel < scale.size(); channel++) {
            if (!Float.isFinite(scale.get(channel)) || scale.get(channel) == 0) {
                throw new IllegalArgumentException(
                        "normalization scale of channel " + channel + " must be finite and not 0: " + scale);
            }
            if (!Float.isFinite(zeroPoint.get(channel))) {
                throw new IllegalArgumentException(
                        "normalization zero_point of channel " + channel + " must be finite: " + zeroPoint);
            }
        }
    }

    /** From mean and standard deviation per channel, both in units of the range 0 to 1. */
    public static Normalization ofMeanStd(List<Double> mean, List<Double> std) {
        List<Float> scale = new ArrayList<>();
        List<Float> zeroPoint = new ArrayList<>();
        for (int channel = 0; channel < mean.size(); channel++) {
            scale.add((float) (1 / (255 * std.get(channel))));
            zeroPoint.add((float) (255 * mean.get(channel)));
        }
        return new Normalization(scale, zeroPoint);
    }

    public int channels() {
        return scale.size();
    }

    /** The normalized value of one 8-bit source value. */
    public float apply(int channel, int q) {
        return (q - zeroPoint.get(channel)) * scale.get(channel);
    }
}
