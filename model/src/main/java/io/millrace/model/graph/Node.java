// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Layer;
import io.millrace.model.network.Shape;
import java.util.List;

/**
 * A layer in its place.
 *
 * @param layer what it does
 * @param inputs indices of earlier nodes, or {@link io.millrace.model.network.Description#IMAGE}
 * @param shape of its output, for one image
 */
public record Node(Layer layer, List<Integer> inputs, Shape shape) {
    public Node {
        inputs = List.copyOf(inputs);
    }
}
