// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Description;
import io.millrace.model.network.Window;

/** How far the outputs of each node look. */
final class Sight {
    private final Graph graph;
    /** By node: pixels in a row, and pixels from one output to the next. */
    private final long[] sees;

    private final long[] apart;

    Sight(Graph graph) {
        this.graph = graph;
        this.sees = new long[graph.nodes().size()];
        this.apart = new long[graph.nodes().size()];
    }

    /** Of a node whose inputs were asked for before. */
    long of(int index) {
        Node node = graph.nodes().get(index);
        sees[index] = 1;
        apart[index] = 1;
        for (int input : node.inputs()) {
            if (input != Description.IMAGE) {
                sees[index] = Math.max(sees[index], sees[input]);
                apart[index] = apart[input];
            }
        }
        Window window = node.layer().window(graph.input(node));
        sees[index] += (window.kernel() - 1) * apart[index];
        apart[index] *= window.stride();
        return sees[index];
    }
}
