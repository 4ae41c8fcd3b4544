// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Networks, known by their names or with a layout of their own, and their weights. */
public final class Networks {
    private Networks() {}

    /**
     * Refuses what cannot be built.
     *
     * @throws IllegalArgumentException naming the value and what there is
     */
    public static void requireKnown(Network network) {
        layout(network);
        if (network.layout() != null && NamedNetworks.known(network.name())) {
            throw new IllegalArgumentException(
                    "a network with a layout needs a name of its own, \"" + network.name() + "\" is known already");
        }
        if (network.stem() == null) {
            throw new IllegalArgumentException("network " + network.name() + " needs a stem: imagenet or cifar");
        }
        if (network.inputChannels() < 1 || network.classes() < 2) {
            throw new IllegalArgumentException("network " + network.name() + " needs at least 1 input channel and 2"
                    + " classes, got " + network.inputChannels() + " and " + network.classes());
        }
    }

    private static ResidualLayout layout(Network network) {
        return network.layout() == null ? NamedNetworks.layout(network.name()) : network.layout();
    }

    /**
     * The layers of a network.
     *
     * @throws IllegalArgumentException naming the value that cannot be had, and what there is
     */
    public static Description describe(Network network) {
        requireKnown(network);
        ResidualLayout layout = layout(network);
        return Description.of(
                network.inputChannels(),
                layout.block() == Block.POOLED
                        ? new ResNet9(layout, network.stem(), network.classes())::logits
                        : new ResNet(layout, network.stem(), network.classes())::logits);
    }

    /** All weights of a network as they lie in a file, in the order of torchvision's state dictionary. */
    public static List<Weight> weights(Network network) {
        return describe(network).weights();
    }

    /** Fresh weights, the same for the same seed on every machine. */
    public static List<Tensor> initialWeights(Network network, long seed) {
        return InitialWeights.draw(weights(network), seed);
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
