// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import java.util.List;

/**
 * The answers for several images.
 *
 * @param results in the order of the images
 */
public record Predictions(List<Prediction> results) {}
