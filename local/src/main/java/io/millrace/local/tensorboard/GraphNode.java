// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A node of a network's graph.
 *
 * @param name with {@code /} between a part and what it is a part of
 * @param kind of layer
 * @param inputs names of the nodes that it reads
 * @param shape of what it gives, for one image
 */
record GraphNode(String name, String kind, List<String> inputs, List<Integer> shape) {
    GraphNode {
        inputs = List.copyOf(inputs);
        shape = List.copyOf(shape);
    }

    /**
     * Nodes from the lines of {@code SummaryMain graph}: name, kind, inputs and shape, with tabulators between them.
     *
     * @throws IllegalArgumentException when a line is none
     */
    static List<GraphNode> of(String text) {
        List<GraphNode> nodes = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] fields = line.split("\t", -1);
            if (fields.length != 4) {
                throw new IllegalArgumentException("\"" + line + "\" is no node of a graph");
            }
            nodes.add(new GraphNode(
                    fields[0],
                    fields[1],
                    fields[2].isEmpty() ? List.of() : List.of(fields[2].split(",")),
                    Arrays.stream(fields[3].split("x")).map(Integer::valueOf).toList()));
        }
        return nodes;
    }

    /**
     * As TensorFlow's <a
     * href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/node_def.proto">NodeDef</a>, with
     * the shape as TensorBoard looks for it, any number of images first.
     */
    Message message() {
        Message node = new Message().text(1, name).text(2, kind);
        inputs.forEach(input -> node.text(3, input));
        Message dimensions = new Message().message(2, new Message().integer(1, -1));
        shape.forEach(size -> dimensions.message(2, new Message().integer(1, size)));
        Message shapes = new Message().message(1, new Message().message(7, dimensions));
        return node.message(5, new Message().text(1, "_output_shapes").message(2, shapes));
    }
}
