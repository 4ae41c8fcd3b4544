// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Description;
import io.millrace.model.network.Description.Step;
import io.millrace.model.network.Held;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Weight;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.onnx.OnnxFile;
import io.millrace.model.onnx.OnnxFile.Output;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A network for images of one size.
 *
 * @param image shape of an image
 * @param nodes in an order in which they can be computed; the last one gives the logits
 */
public record Graph(Shape image, List<Node> nodes) {
    /** Name of what a network begins with, normalized {@code [N,C,H,W]}: TorchScript's variable, float or bf16, and ONNX's
     * input, float32. */
    public static final String INPUT = "image";

    /** Name of the output of an ONNX file, float32 {@code [N,K]}. */
    public static final String LOGITS = "logits";

    public Graph {
        nodes = List.copyOf(nodes);
    }

    /**
     * The graph of a description.
     *
     * @throws IllegalArgumentException naming the layer that such images are too small for
     */
    public static Graph of(Description description, int height, int width) {
        Shape image = new Shape(description.channels(), height, width);
        Builder builder = new Builder(image);
        for (Step step : description.steps()) {
            builder.add(step.layer(), step.inputs());
        }
        return builder.build();
    }

    /** Shape of what a node reads first. */
    public Shape input(Node node) {
        return shape(image, nodes, node.inputs().get(0));
    }

    private static Shape shape(Shape image, List<Node> nodes, int index) {
        return index == Description.IMAGE ? image : nodes.get(index).shape();
    }

    /**
     * The graph in which each layer of one kind that is followed by one of another, and read by nothing else, is replaced
     * together with it by layers in a row.
     */
    <A extends Layer, B extends Layer> Graph withPairs(
            Class<A> first, Class<B> second, BiFunction<A, B, List<Layer>> replacement) {
        Builder builder = new Builder(image);
        int[] places = new int[nodes.size()];
        for (int k = 0; k < places.length; k++) {
            Node node = nodes.get(k);
            List<Integer> inputs = node.inputs().stream()
                    .map(input -> input == Description.IMAGE ? input : Integer.valueOf(places[input]))
                    .toList();
            if (first.isInstance(node.layer()) && feedsOnly(k, second)) {
                Layer next = nodes.get(k + 1).layer();
                for (Layer layer : replacement.apply(first.cast(node.layer()), second.cast(next))) {
                    inputs = List.of(builder.add(layer, inputs));
                }
                places[k] = inputs.get(0);
                places[++k] = inputs.get(0);
            } else {
                places[k] = builder.add(node.layer(), inputs);
            }
        }
        return builder.build();
    }

    /** Whether the next node is of this kind, reads this one, and nobody else does. */
    private boolean feedsOnly(int index, Class<? extends Layer> kind) {
        return index + 1 < nodes.size()
                && kind.isInstance(nodes.get(index + 1).layer())
                && nodes.get(index + 1).inputs().contains(index)
                && nodes.stream().filter(node -> node.inputs().contains(index)).count() == 1;
    }

    /** All weights as they lie in a file. */
    public List<Weight> weights() {
        return nodes.stream().flatMap(node -> node.layer().weights().stream()).toList();
    }

    /** All weights as the device holds them, in the order of {@link #weights()}. */
    public List<Held> held() {
        return nodes.stream().flatMap(node -> node.layer().held().stream()).toList();
    }

    /** The network as TorchScript, from {@link #INPUT} to logits, float32 {@code [N,K]}. */
    public Script script(boolean bf16) {
        StatementWriter out = new StatementWriter(bf16);
        List<String> values = new ArrayList<>();
        for (Node node : nodes) {
            List<Operand> operands =
                    node.inputs().stream().map(input -> operand(input, values)).toList();
            values.add(node.layer().write(out, operands));
        }
        return new Script(out.statements(), values.get(values.size() - 1));
    }

    /**
     * The network as ONNX, from {@link #INPUT}, float32, normalized.
     *
     * @param out that knows the values of {@link #weights()}
     * @return what each node gives, in their order
     */
    public List<Maps> write(NodeWriter out) {
        Maps input = input();
        List<Maps> values = new ArrayList<>();
        for (Node node : nodes) {
            List<Maps> operands = node.inputs().stream()
                    .map(read -> read == Description.IMAGE ? input : values.get(read))
                    .toList();
            values.add(node.layer().write(out, operands));
        }
        return values;
    }

    /**
     * The network as an ONNX file whose only output is {@code logits}, {@code [N,K]}.
     *
     * @param values of {@link #weights()}, whole
     */
    public OnnxFile onnx(List<Tensor> values) {
        NodeWriter out = writer(values);
        List<Maps> given = write(out);
        return OnnxFile.of(out, input(), List.of(new Output(LOGITS, given.get(given.size() - 1))));
    }

    /** A writer that knows the values of weights. */
    static NodeWriter writer(List<Tensor> values) {
        Map<String, ByteBuffer> byName = new HashMap<>();
        values.forEach(tensor -> byName.put(tensor.name(), tensor.data()));
        return new NodeWriter(byName::get);
    }

    /** {@link #INPUT} in ONNX. */
    public Maps input() {
        return new Maps(INPUT, image.channels(), image.height(), image.width(), false);
    }

    /** What a node reads: the image, or what an earlier node gave, which the only one who reads it may overwrite. */
    Operand operand(int input, List<String> values) {
        if (input == Description.IMAGE) {
            return new Operand(INPUT, false);
        }
        long readers = nodes.stream()
                .flatMap(node -> node.inputs().stream())
                .filter(read -> read == input)
                .count();
        return new Operand(
                values.get(input), readers == 1 && !nodes.get(input).layer().keepsOutput());
    }

    /** Statements, indented by four blanks, and the variable that holds the logits. */
    public record Script(String statements, String logits) {}

    /** Puts a graph together, node by node. */
    static final class Builder {
        private final Shape image;
        private final List<Node> nodes = new ArrayList<>();

        Builder(Shape image) {
            this.image = image;
        }

        /** Adds a layer; returns its index. */
        int add(Layer layer, List<Integer> inputs) {
            List<Shape> shapes =
                    inputs.stream().map(input -> shape(image, nodes, input)).toList();
            try {
                nodes.add(new Node(layer, inputs, layer.output(shapes)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "images of " + image + " do not go through the network: " + layer.kind() + " " + layer.name()
                                + (layer.name().isEmpty() ? "" : ": ") + e.getMessage(),
                        e);
            }
            return nodes.size() - 1;
        }

        Graph build() {
            return new Graph(image, nodes);
        }
    }
}
