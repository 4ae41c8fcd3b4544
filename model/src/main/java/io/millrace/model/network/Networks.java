// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.ResidualLayout.Order;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The networks that Millrace knows by name, and those that come with a layout. */
public final class Networks {
    private static final Map<String, ResidualLayout> LAYOUTS = layouts();

    public static final List<String> NAMES = List.copyOf(LAYOUTS.keySet());

    private Networks() {}

    private static Map<String, ResidualLayout> layouts() {
        Map<String, ResidualLayout> layouts = new LinkedHashMap<>();
        layouts.put("resnet18", layout(Block.BASIC, 2, 2, 2, 2));
        layouts.put("resnet34", layout(Block.BASIC, 3, 4, 6, 3));
        layouts.put("resnet50", layout(Block.BOTTLENECK, 3, 4, 6, 3));
        layouts.put("resnet101", layout(Block.BOTTLENECK, 3, 4, 23, 3));
        layouts.put("resnet152", layout(Block.BOTTLENECK, 3, 8, 36, 3));
        List<Integer> pairs = List.of(1, 0, 1);
        layouts.put("resnet9", new ResidualLayout(Block.POOLED, pairs, null, null, null, null, 0.125));
        layouts.put(
                "resnet9-lightning",
                new ResidualLayout(Block.POOLED, pairs, null, null, null, Order.POOL_RELU_NORM, null));
        return layouts;
    }

    private static ResidualLayout layout(Block block, Integer... depths) {
        return new ResidualLayout(block, List.of(depths), null, null, null, null, null);
    }

    public static boolean known(String name) {
        return LAYOUTS.containsKey(name);
    }

    /**
     * Refuses what cannot be built.
     *
     * @throws IllegalArgumentException naming the value and what there is
     */
    public static void requireKnown(Network network) {
        if (network.layout() == null && !known(network.name())) {
            throw new IllegalArgumentException(
                    "unknown network \"" + network.name() + "\"; there is " + String.join(", ", NAMES));
        }
        if (network.layout() != null && known(network.name())) {
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

    /**
     * The layers of a network.
     *
     * @throws IllegalArgumentException naming the value that cannot be had, and what there is
     */
    public static Description describe(Network network) {
        requireKnown(network);
        ResidualLayout layout = network.layout() == null ? LAYOUTS.get(network.name()) : network.layout();
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
