// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.batch;

import io.millrace.model.Predictions;

/**
 * What the network says of a request's images.
 *
 * @param predictions of the images, in their order
 * @param queueNanos from the moment that they were handed over to that of the network's first call for them
 * @param inferNanos in the network, with images of other requests
 */
public record Answer(Predictions predictions, long queueNanos, long inferNanos) {}
