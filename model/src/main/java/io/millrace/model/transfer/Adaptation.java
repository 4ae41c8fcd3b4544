// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.transfer;

import io.millrace.contracts.event.Nearest;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.network.Convolution;
import io.millrace.model.network.Description;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Linear;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Given weights, made to fit a network: the first convolution is summed or spread over other channels, the head is begun
 * anew where it has other classes, other floating types become float32. Everything else has to fit as it is.
 *
 * @param weights all of the network's, float32, in its order
 * @param said what was changed, a sentence each; empty where nothing was
 */
public record Adaptation(List<Tensor> weights, List<String> said) {
    /** Counters that torch keeps beside BatchNorm's statistics; nothing here needs them. */
    private static final String COUNTER = ".num_batches_tracked";

    private static final int NAMES_SAID = 5;

    public Adaptation {
        weights = List.copyOf(weights);
        said = List.copyOf(said);
    }

    /**
     * Adapts weights.
     *
     * @param seed of what is begun anew
     * @param given weights under torchvision's names
     * @throws RefusedRequestException naming what does not fit, the nearest names, and the remedy
     */
    public static Adaptation of(Network network, long seed, Collection<Tensor> given) {
        Description description = described(network);
        Map<String, Tensor> byName = new LinkedHashMap<>();
        given.stream()
                .filter(tensor -> !tensor.name().endsWith(COUNTER))
                .forEach(each -> byName.put(each.name(), each));
        List<Weight> head = head(description);
        requireNames(network, description.weights(), head, byName);
        Map<String, Tensor> fresh = Networks.initialWeights(network, seed).stream()
                .collect(Collectors.toMap(Tensor::name, tensor -> tensor));
        List<String> said = new ArrayList<>();
        boolean newHead = head.stream().anyMatch(weight -> !fits(weight, byName.get(weight.name())));
        String firstConvolution = firstConvolution(description);
        Set<DType> converted = EnumSet.noneOf(DType.class);
        List<Tensor> weights = new ArrayList<>();
        for (Weight weight : description.weights()) {
            if (newHead && head.contains(weight)) {
                weights.add(fresh.get(weight.name()));
                continue;
            }
            Tensor tensor = byName.get(weight.name());
            converted.add(tensor.dtype());
            Tensor floats = FloatTensors.of(tensor);
            if (!fits(weight, tensor)) {
                boolean first = weight.name().equals(firstConvolution);
                floats = InputChannels.adapted(network, weight, floats, first);
                said.add(InputChannels.said(weight, tensor));
            }
            weights.add(floats);
        }
        converted.remove(DType.F32);
        if (!converted.isEmpty()) {
            said.add("weights were converted from " + converted + " to F32");
        }
        if (newHead) {
            said.add(headSaid(network, head.get(0), byName.get(head.get(0).name())));
        }
        return new Adaptation(weights, said);
    }

    private static Description described(Network network) {
        try {
            return Networks.describe(network);
        } catch (IllegalArgumentException e) {
            throw new RefusedRequestException(e.getMessage());
        }
    }

    private static boolean fits(Weight weight, Tensor tensor) {
        return tensor != null && tensor.shape().equals(weight.shape());
    }

    private static String headSaid(Network network, Weight head, Tensor given) {
        String name = head.name().replaceFirst("\\.[^.]*$", "");
        return given == null
                ? name + " is begun anew: the weights have none"
                : name + " is begun anew: the weights have it as " + given.shape() + ", " + network.classes()
                        + " classes need " + head.shape();
    }

    /** Weights of the layer that tells classes apart. */
    private static List<Weight> head(Description description) {
        return description.steps().stream()
                .map(Description.Step::layer)
                .filter(Linear.class::isInstance)
                .map(Layer::weights)
                .reduce((before, last) -> last)
                .orElse(List.of());
    }

    private static String firstConvolution(Description description) {
        return description.steps().stream()
                .map(Description.Step::layer)
                .filter(Convolution.class::isInstance)
                .findFirst()
                .map(layer -> layer.weights().get(0).name())
                .orElse("");
    }

    private static void requireNames(
            Network network, List<Weight> weights, List<Weight> head, Map<String, Tensor> given) {
        List<String> known = weights.stream().map(Weight::name).toList();
        List<String> unknown =
                given.keySet().stream().filter(name -> !known.contains(name)).toList();
        List<String> lacking = weights.stream()
                .filter(weight -> !given.containsKey(weight.name()) && !head.contains(weight))
                .map(Weight::name)
                .toList();
        List<String> objections = new ArrayList<>();
        if (!unknown.isEmpty()) {
            objections.add("the network has no " + listed(unknown, known));
        }
        if (!lacking.isEmpty()) {
            objections.add("the file lacks " + listed(lacking, unknown));
        }
        if (!objections.isEmpty()) {
            throw new RefusedRequestException("the weights do not fit " + network.name() + ": "
                    + String.join("; ", objections) + "; order the network that they belong to, or rename them");
        }
    }

    private static String listed(List<String> names, List<String> others) {
        String listed = names.stream()
                .limit(NAMES_SAID)
                .map(name ->
                        '"' + name + '"' + (others.isEmpty() ? "" : " (nearest: \"" + Nearest.of(others, name) + "\")"))
                .collect(Collectors.joining(", "));
        return names.size() > NAMES_SAID ? listed + " and " + (names.size() - NAMES_SAID) + " more" : listed;
    }
}
