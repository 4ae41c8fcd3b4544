// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

/**
 * What holds for one parameter.
 *
 * @param rateFactor times the learning rate of the step
 * @param weightDecay at least 0
 * @param frozen whether it stays as it is
 */
public record Settings(double rateFactor, double weightDecay, boolean frozen) {
    public Settings {
        if (!(rateFactor >= 0) || Double.isInfinite(rateFactor)) {
            throw new IllegalArgumentException("a rate factor should be finite and not negative, it is " + rateFactor);
        }
        if (!(weightDecay >= 0 && weightDecay < 1)) {
            throw new IllegalArgumentException("a weight decay should be from 0 to less than 1, it is " + weightDecay);
        }
    }
}
