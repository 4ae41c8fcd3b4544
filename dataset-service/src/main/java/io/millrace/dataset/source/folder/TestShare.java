// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import io.millrace.contracts.batch.Split;
import java.util.Arrays;
import java.util.List;

/**
 * Which pictures of one tree are the test split. A file's contents alone decide, so that it stays on its side when others
 * come or go or it is renamed, and copies of a picture are never on both sides.
 */
final class TestShare {
    private TestShare() {}

    /**
     * The split of each file.
     *
     * @param fingerprints the same for the same contents, and evenly spread
     * @param share of each class, about; where a class has at least two different files, there is one on each side
     */
    static Split[] splits(List<Layout.Item> items, long[] fingerprints, int classes, double share) {
        long[] least = new long[classes];
        long[] most = new long[classes];
        Arrays.fill(least, Long.MAX_VALUE);
        Arrays.fill(most, Long.MIN_VALUE);
        for (int k = 0; k < fingerprints.length; k++) {
            int label = items.get(k).label();
            least[label] = Math.min(least[label], fingerprints[k]);
            most[label] = Math.max(most[label], fingerprints[k]);
        }
        Split[] splits = new Split[fingerprints.length];
        for (int k = 0; k < splits.length; k++) {
            int label = items.get(k).label();
            if (items.get(k).split() != null) {
                splits[k] = items.get(k).split();
            } else if (fingerprints[k] == most[label]) {
                splits[k] = Split.TRAIN;
            } else {
                boolean tested = fingerprints[k] == least[label] || place(fingerprints[k]) < share;
                splits[k] = tested ? Split.TEST : Split.TRAIN;
            }
        }
        return splits;
    }

    /** From 0 to less than 1, rising with the number. */
    private static double place(long fingerprint) {
        return ((fingerprint >>> 11) ^ (1L << 52)) * 0x1p-53;
    }
}
