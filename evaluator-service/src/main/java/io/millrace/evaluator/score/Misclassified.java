// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

/**
 * A sample of the test split that the network takes for something else.
 *
 * @param index of the sample in the test split, from 0, in the order in which it was published
 * @param label the true class's name
 * @param predicted the other class's name
 * @param probability what the network gives the other class, 0 to 1
 */
public record Misclassified(int index, String label, String predicted, double probability) {}
