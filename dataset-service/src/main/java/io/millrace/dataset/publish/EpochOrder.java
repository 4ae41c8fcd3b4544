// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.dataset.KeyedRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The order in which an epoch goes through the training samples; it depends on (seed, epoch) alone. */
final class EpochOrder {
    private EpochOrder() {}

    /** A permutation of 0 to samples - 1 (Fisher and Yates). */
    static int[] of(long seed, int epoch, int samples) {
        return of(KeyedRandom.of("shuffle", seed, epoch), samples);
    }

    /**
     * As many numbers from 0 to N - 1, of each class the same number, but for one where it does not come out even. Of a class
     * that is too small all come again, each as often as any other but for one; of one that is too large some do not.
     *
     * @param labels the class of each, {@code [N]}
     */
    static int[] balanced(long seed, int epoch, int[] labels) {
        KeyedRandom random = KeyedRandom.of("balance", seed, epoch);
        Map<Integer, List<Integer>> byClass = new TreeMap<>();
        for (int k = 0; k < labels.length; k++) {
            byClass.computeIfAbsent(labels[k], any -> new ArrayList<>()).add(k);
        }
        List<List<Integer>> classes = List.copyOf(byClass.values());
        int[] turns = of(random, classes.size());
        int[] drawn = new int[labels.length];
        int filled = 0;
        for (int turn = 0; turn < turns.length; turn++) {
            List<Integer> ofClass = classes.get(turns[turn]);
            // The first classes to come have one more where it does not come out even.
            int wanted = labels.length / turns.length + (turn < labels.length % turns.length ? 1 : 0);
            int[] order = {};
            for (int k = 0; k < wanted; k++) {
                if (k % ofClass.size() == 0) {
                    order = of(random, ofClass.size());
                }
                drawn[filled++] = ofClass.get(order[k % ofClass.size()]);
            }
        }
        return Arrays.stream(of(random, drawn.length))
                .map(place -> drawn[place])
                .toArray();
    }

    private static int[] of(KeyedRandom random, int samples) {
        int[] order = new int[samples];
        for (int k = 0; k < samples; k++) {
            int other = random.nextInt(k + 1);
            order[k] = order[other];
            order[other] = k;
        }
        return order;
    }
}
