// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.Network;
import io.millrace.model.network.Held;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a network is made of, for images of one size.
 *
 * @param network what it is
 * @param image shape of an image
 * @param parameters of all rows
 * @param live of all rows
 * @param multiplyAdds of all rows
 * @param memory that training takes in float32, by SGD with momentum
 * @param rows a row for each layer, in the order of computation
 */
public record Summary(
        Network network,
        ImageShape image,
        long parameters,
        long live,
        long multiplyAdds,
        TrainingMemory memory,
        List<Row> rows) {
    /** Buffers of SGD with momentum, which is what a recipe has. */
    private static final int BUFFERS = 1;

    public Summary {
        rows = List.copyOf(rows);
    }

    /**
     * A layer.
     *
     * @param name prefix of its weights, empty where it has none
     * @param kind such as {@code Conv2d}
     * @param output shape for one image
     * @param sees pixels of the image in a row that one of its outputs depends on, the padding included
     * @param parameters that it trains
     * @param live of these, those that such images ever reach
     * @param multiplyAdds for one image, counted as is usual: with all taps, also where they meet padding
     */
    public record Row(
            String name, String kind, Shape output, long sees, long parameters, long live, long multiplyAdds) {}

    /**
     * The summary of a network.
     *
     * @param batchSize images in a step, for the memory
     * @throws IllegalArgumentException when there is no such network, or such images are too small for it
     */
    public static Summary of(Network network, int height, int width, int batchSize) {
        Graph graph = Graph.of(Networks.describe(network), height, width);
        Graph live = LiveTaps.forTraining(graph, false);
        List<Row> rows = new ArrayList<>();
        Sight sight = new Sight(graph);
        for (int k = 0; k < graph.nodes().size(); k++) {
            Node node = graph.nodes().get(k);
            Layer layer = node.layer();
            rows.add(new Row(
                    layer.name(),
                    layer.kind(),
                    node.shape(),
                    sight.of(k),
                    layer.weights().stream()
                            .filter(Weight::trainable)
                            .mapToLong(Weight::elements)
                            .sum(),
                    trained(live.nodes().get(k).layer()),
                    layer.multiplyAdds(graph.input(node), node.shape())));
        }
        return new Summary(
                network,
                new ImageShape(network.inputChannels(), height, width),
                sum(rows, Row::parameters),
                sum(rows, Row::live),
                sum(rows, Row::multiplyAdds),
                TrainingMemory.of(live, batchSize, false, BUFFERS, Weight::trainable),
                rows);
    }

    private static long sum(List<Row> rows, ToLongFunction<Row> column) {
        return rows.stream().mapToLong(column).sum();
    }

    private static long trained(Layer layer) {
        return layer.held().stream()
                .filter(held -> held.weight().trainable())
                .mapToLong(Held::elements)
                .sum();
    }

    /** As a table for people. */
    public String text() {
        Table table = new Table("<layer", "<kind", "<output", ">sees", ">parameters", ">live", ">multiply-adds");
        for (Row row : rows) {
            table.row(
                    row.name(),
                    row.kind(),
                    row.output().toString(),
                    Long.toString(row.sees()),
                    Table.number(row.parameters()),
                    Table.share(row.live(), row.parameters()),
                    Table.number(row.multiplyAdds()));
        }
        table.rule()
                .row(
                        "all",
                        "",
                        "",
                        "",
                        Table.number(parameters),
                        Table.share(live, parameters),
                        Table.number(multiplyAdds));
        return "%s, stem %s, images of %s, %d classes%n%n%s%n%s"
                .formatted(network.name(), Table.word(network.stem()), image, network.classes(), table, memoryText());
    }

    private String memoryText() {
        return """
                sees      pixels of the image in a row that one output depends on
                live      share of the parameters that images of this size ever reach: %s of %s
                memory    about %s for training with batches of %d in fp32:
                          weights %s, gradients and momentum %s, activations %s,
                          in passing %s, copies of the weights %s
                """.formatted(
                        Table.number(live),
                        Table.number(parameters),
                        Table.bytes(memory.total()),
                        memory.batchSize(),
                        Table.bytes(memory.weights()),
                        Table.bytes(memory.optimizer()),
                        Table.bytes(memory.activations()),
                        Table.bytes(memory.passing()),
                        Table.bytes(memory.host()));
    }
}
