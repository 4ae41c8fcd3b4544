// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.contracts.event.Network;
import io.millrace.model.network.Description;
import io.millrace.model.network.Networks;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A network's graph as lines, for programs that draw it: a node's name, kind, inputs with commas, and shape for one image,
 * with tabulators between them. The first one is the image. Names are those of the weights, with {@code /} for the point; a
 * layer without weights is called by its kind, within what the layer before it is part of.
 */
final class GraphText {
    private GraphText() {}

    static String of(Network network, int height, int width) {
        Graph graph = Graph.of(Networks.describe(network), height, width);
        StringBuilder text = new StringBuilder();
        line(text, Graph.INPUT, "Input", List.of(), graph.image().toString());
        List<String> names = new ArrayList<>();
        String part = "";
        for (Node node : graph.nodes()) {
            String own = node.layer().name().replace('.', '/');
            if (!own.isEmpty()) {
                part = own.substring(0, own.lastIndexOf('/') + 1);
            }
            String kind = node.layer().kind();
            String name = own.isEmpty() ? part + kind.toLowerCase(Locale.ROOT) + "_" + names.size() : own;
            List<String> inputs = node.inputs().stream()
                    .map(input -> input == Description.IMAGE ? Graph.INPUT : names.get(input))
                    .toList();
            line(text, name, kind, inputs, node.shape().toString());
            names.add(name);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String kind, List<String> inputs, String shape) {
        text.append(String.join("\t", name, kind, String.join(",", inputs), shape))
                .append('\n');
    }
}
