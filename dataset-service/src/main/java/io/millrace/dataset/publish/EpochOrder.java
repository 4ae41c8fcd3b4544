// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.dataset.KeyedRandom;

/** The order in which an epoch goes through the training samples; it depends on (seed, epoch) alone. */
final class EpochOrder {
    private EpochOrder() {}

    /** A permutation of 0 to samples - 1 (Fisher and Yates). */
    static int[] of(long seed, int epoch, int samples) {
        KeyedRandom random = KeyedRandom.of("shuffle", seed, epoch);
        int[] order = new int[samples];
        for (int k = 0; k < samples; k++) {
            int other = random.nextInt(k + 1);
            order[k] = order[other];
            order[other] = k;
        }
        return order;
    }
}
