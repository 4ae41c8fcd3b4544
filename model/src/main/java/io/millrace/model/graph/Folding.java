// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.BatchNorm;
import io.millrace.model.network.Convolution;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes BatchNorm in inference mode into the convolution right before it, where there is one: {@code w' = w·γ/√(σ²+ε)},
 * {@code b' = β − μ·γ/√(σ²+ε)}. The sums are made in double precision. For serving only.
 *
 * @param graph whose folded convolutions have a bias
 */
public record Folding(Graph graph, List<Pair> pairs) {
    /** A convolution and the BatchNorm that it took in. */
    private record Pair(Convolution convolution, BatchNorm norm) {}

    public static Folding of(Graph graph) {
        List<Pair> pairs = new ArrayList<>();
        Graph folded = graph.withPairs(Convolution.class, BatchNorm.class, (convolution, norm) -> {
            pairs.add(new Pair(convolution, norm));
            return List.of(withBias(convolution));
        });
        return new Folding(folded, pairs);
    }

    private static Convolution withBias(Convolution plain) {
        return new Convolution(plain.name(), plain.inputs(), plain.outputs(), plain.window(), true);
    }

    /** The weights of {@link #graph}, from those of the trained network, in its order. */
    public List<Tensor> weights(List<Tensor> trained) {
        Map<String, Tensor> values = new HashMap<>();
        trained.forEach(tensor -> values.put(tensor.name(), tensor));
        pairs.forEach(pair -> fold(pair, values));
        return graph.weights().stream().map(weight -> values.get(weight.name())).toList();
    }

    private static void fold(Pair pair, Map<String, Tensor> values) {
        String norm = pair.norm().name();
        ByteBuffer gamma = values.get(norm + ".weight").data();
        ByteBuffer beta = values.get(norm + ".bias").data();
        ByteBuffer mean = values.get(norm + ".running_mean").data();
        ByteBuffer variance = values.get(norm + ".running_var").data();
        Tensor weight = values.get(pair.convolution().name() + ".weight");
        int outputs = pair.convolution().outputs();
        ByteBuffer kernel = weight.data();
        int perOutput = kernel.remaining() / Float.BYTES / outputs;
        ByteBuffer bias = values.containsKey(pair.convolution().name() + ".bias")
                ? values.get(pair.convolution().name() + ".bias").data()
                : floats(outputs);
        ByteBuffer newKernel = floats(kernel.remaining() / Float.BYTES);
        ByteBuffer newBias = floats(outputs);
        for (int out = 0; out < outputs; out++) {
            double factor = gamma.getFloat() / Math.sqrt(variance.getFloat() + BatchNorm.EPSILON);
            for (int k = 0; k < perOutput; k++) {
                newKernel.putFloat((float) (kernel.getFloat() * factor));
            }
            newBias.putFloat((float) (beta.getFloat() + (bias.getFloat() - mean.getFloat()) * factor));
        }
        put(values, weight.name(), weight.shape(), newKernel.flip());
        put(values, pair.convolution().name() + ".bias", List.of((long) outputs), newBias.flip());
    }

    private static void put(Map<String, Tensor> values, String name, List<Long> shape, ByteBuffer data) {
        values.put(name, new Tensor(name, DType.F32, shape, data));
    }

    private static ByteBuffer floats(int count) {
        return ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
}
