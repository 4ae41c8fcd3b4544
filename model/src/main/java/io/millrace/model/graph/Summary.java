// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Add;
import io.millrace.model.network.Description;
import io.millrace.model.network.Held;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Relu;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Weight;
import io.millrace.model.network.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a network is made of, for images of one size.
 *
 * @param image shape of an image
 * @param rows a row for each layer, in the order of computation
 * @param memory that training takes, about
 */
public record Summary(Shape image, List<Row> rows, Memory memory) {
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
     * Bytes on the device while a batch is trained on, about: what the allocator and the operators take in passing comes
     * on top.
     *
     * @param batchSize images in a step
     * @param weights parameters and statistics
     * @param optimizer gradients and buffers
     * @param activations what the way forward keeps for the way back
     */
    public record Memory(int batchSize, long weights, long optimizer, long activations) {
        public long total() {
            return weights + optimizer + activations;
        }
    }

    /**
     * The summary of a network.
     *
     * @param buffers of the optimizer for each parameter
     * @param bf16 whether activations are bfloat16
     * @throws IllegalArgumentException when such images are too small for it
     */
    public static Summary of(Description description, int height, int width, int batchSize, int buffers, boolean bf16) {
        Graph graph = Graph.of(description, height, width);
        Graph live = LiveTaps.forTraining(graph, bf16);
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
        return new Summary(graph.image(), rows, memory(live, batchSize, buffers, bf16));
    }

    private static long trained(Layer layer) {
        return layer.held().stream()
                .filter(held -> held.weight().trainable())
                .mapToLong(Held::elements)
                .sum();
    }

    private static Memory memory(Graph live, int batchSize, int buffers, boolean bf16) {
        long held = live.held().stream().mapToLong(Held::elements).sum();
        long trained =
                live.nodes().stream().mapToLong(node -> trained(node.layer())).sum();
        // ReLU and sums overwrite what they read.
        long kept = live.nodes().stream()
                .filter(node -> !(node.layer() instanceof Relu || node.layer() instanceof Add))
                .mapToLong(node -> node.shape().elements())
                .sum();
        long image = live.image().elements();
        int bytes = bf16 ? Short.BYTES : Float.BYTES;
        return new Memory(
                batchSize,
                held * Float.BYTES,
                trained * Float.BYTES * (1 + buffers),
                batchSize * (kept + image) * bytes + (bf16 ? trained * bytes : 0));
    }

    /** Sum over the rows. */
    public long parameters() {
        return rows.stream().mapToLong(Row::parameters).sum();
    }

    /** Sum over the rows. */
    public long live() {
        return rows.stream().mapToLong(Row::live).sum();
    }

    /** Sum over the rows. */
    public long multiplyAdds() {
        return rows.stream().mapToLong(Row::multiplyAdds).sum();
    }

    /** As a table for people. */
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "layer", "kind", "output", "sees", "parameters", "live", "multiply-adds");
        for (Row row : rows) {
            line(
                    text,
                    row.name(),
                    row.kind(),
                    row.output().toString(),
                    Long.toString(row.sees()),
                    row.parameters() == 0 ? "" : number(row.parameters()),
                    row.parameters() == 0 ? "" : share(row.live(), row.parameters()),
                    row.multiplyAdds() == 0 ? "" : number(row.multiplyAdds()));
        }
        line(
                text,
                "all",
                "",
                image.toString(),
                "",
                number(parameters()),
                share(live(), parameters()),
                number(multiplyAdds()));
        return text.append(String.format(
                        Locale.ROOT,
                        "memory for training with batches of %d: about %,d MiB (weights %,d, optimizer %,d, activations"
                                + " %,d)%n",
                        memory.batchSize(),
                        mebibytes(memory.total()),
                        mebibytes(memory.weights()),
                        mebibytes(memory.optimizer()),
                        mebibytes(memory.activations())))
                .toString();
    }

    private static void line(StringBuilder text, Object... cells) {
        text.append(String.format(Locale.ROOT, "%-26s %-15s %-13s %5s %12s %5s %15s", cells)
                        .stripTrailing())
                .append('\n');
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String share(long part, long whole) {
        return Math.round(100.0 * part / whole) + "%";
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    /** How far the outputs of each node look. */
    private static final class Sight {
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
}
