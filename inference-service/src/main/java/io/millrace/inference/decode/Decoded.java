// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.decode;

import io.millrace.image.Fitted;
import java.util.List;

/**
 * A request's images as a network takes them.
 *
 * @param images in their order
 * @param queueNanos waiting for a thread
 * @param decodeNanos reading and fitting
 */
public record Decoded(List<Fitted> images, long queueNanos, long decodeNanos) {}
