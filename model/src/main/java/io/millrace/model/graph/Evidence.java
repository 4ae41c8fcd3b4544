// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import static io.millrace.model.onnx.NodeWriter.list;

import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Description;
import io.millrace.model.network.MaxPool;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Window;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.onnx.OnnxFile;
import io.millrace.model.onnx.OnnxFile.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A network as ONNX that also says where the evidence for a class lies: for each {@link EvidenceMap}, the sum over its
 * channels of value times gradient of the logit, {@code [N,1,H,W]}. Of the last map of a network that ends in a global
 * average and a linear layer that is the class activation map (<a href="https://arxiv.org/abs/1512.04150">Zhou et al.
 * 2016</a>), whose gradient is the class's row of weights over the number of pixels; of any other map it is HiResCAM's (<a
 * href="https://arxiv.org/abs/2011.08891">Draelos and Carin 2020</a>). Gradients are nodes like all others
 * ({@link Gradients}), so no engine needs to know about them.
 */
public final class Evidence {
    /** Name of the input that says which class, float32 {@code [N,K]}: 1 there, 0 elsewhere. */
    public static final String TARGET = "target";

    private final Graph graph;
    private final NodeWriter out;
    private final List<Maps> values = new ArrayList<>();
    /** Of the pools: where in the maps before each of their numbers stands. */
    private final Map<Integer, String> largest = new HashMap<>();

    /** Of the logit, with respect to what each node gives; null where none arrived yet. */
    private final List<Maps> gradients;

    private Evidence(Graph graph, NodeWriter out) {
        this.graph = graph;
        this.out = out;
        for (Node node : graph.nodes()) {
            List<Maps> operands = node.inputs().stream()
                    .map(read -> read == Description.IMAGE ? graph.input() : values.get(read))
                    .toList();
            values.add(
                    node.layer() instanceof MaxPool pool
                            ? pooled(pool.window(), out.maps(operands.get(0)), node.shape())
                            : node.layer().write(out, operands));
        }
        this.gradients = new ArrayList<>(Collections.nCopies(values.size(), null));
    }

    /** As the pool writes itself, with a second output: ONNX Runtime 1.18 overwrites what others need where one goes unread. */
    private Maps pooled(Window window, Maps x, Shape y) {
        int padding = window.padding();
        List<String> both = out.values(
                "MaxPool",
                2,
                List.of(x.name()),
                list("kernel_shape", window.kernel(), window.kernel()),
                list("strides", window.stride(), window.stride()),
                list("pads", padding, padding, padding, padding));
        largest.put(values.size(), both.get(1));
        return new Maps(both.get(0), y.channels(), y.height(), y.width(), false);
    }

    /**
     * Writes it; the outputs are those of the maps, in their order.
     *
     * @param graph whose convolutions are whole
     * @param weights of it, in its order
     */
    public static OnnxFile onnx(Graph graph, List<EvidenceMap> maps, List<Tensor> weights) {
        NodeWriter out = Graph.writer(weights);
        Evidence evidence = new Evidence(graph, out);
        Maps logits = evidence.values.get(evidence.values.size() - 1);
        Maps target = new Maps(TARGET, logits.channels(), 1, 1, true);
        List<Output> outputs = evidence.outputs(maps, target);
        return OnnxFile.of(out, List.of(graph.input(), target), outputs);
    }

    private List<Output> outputs(List<EvidenceMap> maps, Maps target) {
        int first = maps.stream().mapToInt(EvidenceMap::node).min().orElseThrow();
        gradients.set(gradients.size() - 1, target);
        for (int index = values.size() - 1; index > first; index--) {
            goBack(index, first);
        }
        List<Output> outputs = new ArrayList<>();
        for (EvidenceMap map : maps) {
            outputs.add(new Output("evidence_" + outputs.size(), sum(map.node())));
        }
        return outputs;
    }

    private void goBack(int index, int first) {
        Node node = graph.nodes().get(index);
        if (gradients.get(index) == null) {
            return;
        }
        for (int input : node.inputs()) {
            if (input >= first && input != Description.IMAGE) {
                Maps found = Gradients.of(
                        node, out, values.get(input), values.get(index), largest.get(index), gradients.get(index));
                gradients.set(input, sum(gradients.get(input), found));
            }
        }
    }

    private Maps sum(Maps before, Maps found) {
        return before == null ? found : out.each("Add", before, found.name());
    }

    private Maps sum(int node) {
        Shape shape = graph.nodes().get(node).shape();
        Maps products = out.each(
                "Mul", out.maps(values.get(node)), out.maps(gradients.get(node)).name());
        String sum = out.value("ReduceSum", List.of(products.name(), out.integers(1)));
        return new Maps(sum, 1, shape.height(), shape.width(), false);
    }
}
