// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The networks that Millrace knows, by name. */
public final class Networks {
    public static final List<String> NAMES = List.of("resnet18");

    private Networks() {}

    public static boolean known(String name) {
        return NAMES.contains(name);
    }

    /**
     * Refuses what cannot be built.
     *
     * @throws IllegalArgumentException naming the value and what there is
     */
    public static void requireKnown(Network network) {
        if (!known(network.name())) {
            throw new IllegalArgumentException(
                    "unknown network \"" + network.name() + "\"; there is " + String.join(", ", NAMES));
        }
        if (network.stem() == null) {
            throw new IllegalArgumentException("network " + network.name() + " needs a stem: imagenet or cifar");
        }
        if (network.inputChannels() < 1 || network.classes() < 2) {
            throw new IllegalArgumentException("network " + network.name() + " needs at least 1 input channel and 2"
                    + " classes, got " + network.inputChannels() + " and " + network.classes());
        }
    }

    /** All weights of a network, in the order of torchvision's state dictionary. */
    public static List<Weight> weights(Network network) {
        return training(network, false).weights();
    }

    /** Fresh weights, the same for the same seed on every machine. */
    public static List<Tensor> initialWeights(Network network, long seed) {
        return InitialWeights.draw(weights(network), seed);
    }

    /** The graph for training and scoring. */
    public static Graph trainingGraph(Network network, boolean bf16) {
        TrainingGraph graph = training(network, bf16);
        return new Graph(graph.statements(), graph.weights());
    }

    private static TrainingGraph training(Network network, boolean bf16) {
        requireKnown(network);
        TrainingGraph graph = new TrainingGraph(bf16);
        ResNet18.describe(network, graph, Graph.INPUT);
        return graph;
    }

    /** The graph for serving: BatchNorm is in the convolutions. */
    public static Graph foldedGraph(Network network) {
        return folded(network).graph();
    }

    /** The weights of {@link #foldedGraph}, from those of the trained network. */
    public static List<Tensor> foldedWeights(Network network, Collection<Tensor> trained) {
        Map<String, Tensor> byName = new HashMap<>();
        requireFit(network, trained).forEach(tensor -> byName.put(tensor.name(), tensor));
        Folded folded = folded(network);
        Map<String, Tensor> values = BatchNormFolding.fold(folded.convolutions(), byName);
        return folded.graph().weights().stream()
                .map(weight -> values.get(weight.name()))
                .toList();
    }

    private record Folded(Graph graph, List<GraphWriter.Convolution> convolutions) {}

    private static Folded folded(Network network) {
        requireKnown(network);
        FoldedGraph graph = new FoldedGraph();
        ResNet18.describe(network, graph, Graph.INPUT);
        return new Folded(new Graph(graph.statements(), graph.weights()), graph.convolutions());
    }

    /**
     * The tensors in the order of {@link #weights}.
     *
     * @throws IllegalArgumentException naming the first tensor that is missing, too much, or of another type or shape
     */
    public static List<Tensor> requireFit(Network network, Collection<Tensor> tensors) {
        Map<String, Tensor> byName = new HashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        List<Tensor> inOrder = new ArrayList<>();
        for (Weight weight : weights(network)) {
            Tensor tensor = byName.remove(weight.name());
            if (tensor == null) {
                throw new IllegalArgumentException(
                        "the weights of " + network.name() + " lack \"" + weight.name() + "\"");
            }
            if (tensor.dtype() != DType.F32 || !tensor.shape().equals(weight.shape())) {
                throw new IllegalArgumentException("weight \"" + weight.name() + "\" of " + network.name()
                        + " should be F32 " + weight.shape() + ", it is " + tensor.dtype() + " " + tensor.shape());
            }
            inOrder.add(tensor);
        }
        if (!byName.isEmpty()) {
            throw new IllegalArgumentException(
                    "network " + network.name() + " has no weights named " + byName.keySet());
        }
        return inOrder;
    }
}
