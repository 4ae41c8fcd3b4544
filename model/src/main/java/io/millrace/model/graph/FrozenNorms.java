// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.BatchNorm;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Weight;
import java.util.function.Predicate;

/**
 * BatchNorm of what is frozen keeps its statistics: it runs as in evaluation, which is what PyTorch's users write as
 * {@code module.eval()} beside {@code requires_grad_(False)}
 * (<a href="https://pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval">PyTorch: evaluation mode</a>).
 */
public final class FrozenNorms {
    private FrozenNorms() {}

    /** @param frozen whether a parameter of a name stays as it is */
    public static Graph of(Graph graph, Predicate<String> frozen) {
        Graph.Builder builder = new Graph.Builder(graph.image());
        for (Node node : graph.nodes()) {
            Layer layer = node.layer();
            if (layer instanceof BatchNorm norm
                    && norm.weights().stream().filter(Weight::trainable).allMatch(each -> frozen.test(each.name()))) {
                layer = new BatchNorm(norm.name(), norm.channels(), true);
            }
            builder.add(layer, node.inputs());
        }
        return builder.build();
    }
}
