// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.contracts.Normalization;
import java.util.ArrayList;
import java.util.List;

/**
 * How often each value stands in each channel of some images. Counts, not sums of floats: in whatever order images are
 * added, mean and deviation come out the same to the bit. Not thread-safe.
 */
public final class ChannelStatistics {
    private static final int VALUES = 256;
    /** Of a channel that is the same everywhere, as if it varied by one grey level. */
    private static final double LEAST_DEVIATION = 1.0 / 255;

    private final long[][] counts;

    /** Of no image yet. */
    public ChannelStatistics(int channels) {
        this.counts = new long[channels][VALUES];
    }

    /** Adds images {@code [N,C,H,W]}, uint8, of so many pixels each. */
    public ChannelStatistics add(byte[] pixels, int imagePixels) {
        for (int from = 0, plane = 0; from < pixels.length; from += imagePixels, plane++) {
            long[] ofChannel = counts[plane % counts.length];
            for (int k = from; k < from + imagePixels; k++) {
                ofChannel[pixels[k] & 0xff]++;
            }
        }
        return this;
    }

    /** Adds what another one has counted. */
    public void add(ChannelStatistics other) {
        for (int channel = 0; channel < counts.length; channel++) {
            for (int value = 0; value < VALUES; value++) {
                counts[channel][value] += other.counts[channel][value];
            }
        }
    }

    /** What gives each channel mean 0 and standard deviation 1; of no image at all, what leaves it as it is. */
    public Normalization normalization() {
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (long[] ofChannel : counts) {
            double n = 0;
            double sum = 0;
            double squares = 0;
            for (int value = 0; value < VALUES; value++) {
                n += ofChannel[value];
                sum += (double) ofChannel[value] * value;
                squares += (double) ofChannel[value] * value * value;
            }
            if (n == 0) {
                means.add(0.0);
                deviations.add(1.0);
                continue;
            }
            double mean = sum / n;
            double variance = Math.max(0, squares / n - mean * mean);
            means.add(mean / 255);
            deviations.add(Math.max(LEAST_DEVIATION, Math.sqrt(variance) / 255));
        }
        return Normalization.ofMeanStd(means, deviations);
    }
}
