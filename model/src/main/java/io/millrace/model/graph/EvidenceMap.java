// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Description;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Window;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A map of a network that tells where in an image the evidence for an answer lies.
 *
 * @param node that gives it
 * @param shape of what that gives
 * @param first pixel of the image at whose middle its first cell looks, along either side, from 0
 * @param apart pixels from one cell to the next
 */
public record EvidenceMap(int node, Shape shape, double first, double apart) {
    /** Below, a 3×3 kernel sees nearly all of a map, and where its cells look says little (docs/adr/0018). */
    private static final int LEAST_SIDE = 5;

    /**
     * The maps that explain a network: of each size the one next to the answer, largest first; not those that are too small
     * to say where, unless all are.
     */
    public static List<EvidenceMap> of(Graph graph) {
        Map<List<Integer>, EvidenceMap> lastOfSize = new LinkedHashMap<>();
        List<EvidenceMap> all = new ArrayList<>();
        for (int index = 0; index < graph.nodes().size(); index++) {
            EvidenceMap map = after(graph, all, index);
            all.add(map);
            lastOfSize.put(List.of(map.shape.height(), map.shape.width()), map);
        }
        List<EvidenceMap> telling = lastOfSize.values().stream()
                .filter(map -> map.side() >= LEAST_SIDE)
                .toList();
        return telling.isEmpty() ? List.of(largest(lastOfSize.values())) : telling;
    }

    private static EvidenceMap largest(Collection<EvidenceMap> maps) {
        return maps.iterator().next();
    }

    /** Where a node looks whose inputs all look at the same places. */
    private static EvidenceMap after(Graph graph, List<EvidenceMap> before, int index) {
        Node node = graph.nodes().get(index);
        int input = node.inputs().get(0);
        double first = input == Description.IMAGE ? 0 : before.get(input).first;
        double apart = input == Description.IMAGE ? 1 : before.get(input).apart;
        Window window = node.layer().window(graph.input(node));
        double middle = (window.kernel() - 1) / 2.0 - window.padding();
        return new EvidenceMap(index, node.shape(), first + middle * apart, apart * window.stride());
    }

    private int side() {
        return Math.min(shape.height(), shape.width());
    }
}
