// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What a network's confidence is worth, measured on images that it was not trained on and that are none of the test split.
 *
 * @param temperature what its logits are divided by before the softmax, above 0: the one with the least cross entropy
 *     (<a href="https://arxiv.org/abs/1706.04599">Guo et al. 2017</a>)
 * @param calibrationError expected calibration error on the test split with it, over 15 equal bins of confidence, 0 to 1
 * @param split digest of the validation split that it was fitted on
 * @param samples how many that has
 * @param familiarity from which energy on an image looks like those that the network knows; null where it was not measured
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Calibration(
        double temperature, double calibrationError, String split, int samples, Familiarity familiarity) {
    public Calibration {
        Fields.positive("calibration.temperature", temperature);
        Fields.present(split, "calibration.split");
    }

    /**
     * A threshold on the negative free energy of an image, the logarithm of the sum of its logits' exponentials: the more a
     * network finds in an image, the larger (<a href="https://arxiv.org/abs/2010.03759">Liu et al. 2020</a>).
     *
     * @param threshold in nats, of logits as they are
     * @param rate part of the validation split's images that reach it, 0 to 1
     */
    public record Familiarity(double threshold, double rate) {}
}
