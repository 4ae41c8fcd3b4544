// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import java.util.Comparator;

/**
 * A sample of the test split that the network takes for something else.
 *
 * @param index of the sample in the test split, from 0, in the order in which it was published
 * @param label the true class's name
 * @param predicted the other class's name
 * @param probability what the network gives the other class, 0 to 1
 * @param loss cross entropy in nats: minus the logarithm of what it gives the true class
 */
public record Misclassified(int index, String label, String predicted, double probability, double loss) {
    /** The less it gives the true class, the worse; the order of the split among equals. */
    public static final Comparator<Misclassified> WORST_FIRST =
            Comparator.comparingDouble(Misclassified::loss).reversed().thenComparingInt(Misclassified::index);

    /** What the network gives the true class, 0 to 1. */
    public double labelProbability() {
        return Math.exp(-loss);
    }
}
