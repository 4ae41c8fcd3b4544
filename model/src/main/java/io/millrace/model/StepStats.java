// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

/**
 * What the training steps since the previous reading came to.
 *
 * @param loss mean over the samples of the training criterion (with label smoothing); NaN when a step diverged, and
 *     when there was no step
 * @param accuracy part of the samples whose largest logit was their label, 0 to 1, before each step's update; NaN when
 *     there was no step
 * @param samples number of training samples
 */
public record StepStats(double loss, double accuracy, long samples) {}
