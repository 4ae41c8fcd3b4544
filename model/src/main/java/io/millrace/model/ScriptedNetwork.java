// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.ScriptModule.Call;
import io.millrace.model.ScriptModule.Tensors;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A folded network as TorchScript, on the device of the thread that loads it. */
final class ScriptedNetwork implements FoldedNetwork {
    private final Network network;
    private final int height;
    private final int width;
    private final ScriptModule module;
    private final Map<Encoding, Tensors> affine = new EnumMap<>(Encoding.class);

    private ScriptedNetwork(Network network, Normalization normalization, int height, int width, ScriptModule module) {
        this.network = network;
        this.height = height;
        this.width = width;
        this.module = module;
        for (Encoding encoding : Encoding.values()) {
            affine.put(encoding, Pixels.affine(module, normalization, encoding));
        }
    }

    /** @throws IllegalArgumentException when the weights do not fit the network */
    static ScriptedNetwork load(
            Network network, Normalization normalization, int height, int width, Collection<Tensor> weights) {
        return new ScriptedNetwork(
                network, normalization, height, width, Archives.forScoring(network, height, width, weights));
    }

    @Override
    public Predictions predict(Encoding encoding, List<ByteBuffer> images, int count) {
        try (Call call = module.call("forward", false)) {
            Pixels.add(call, encoding, images, count, network.inputChannels(), height, width)
                    .each(affine.get(encoding));
            return Predictions.of(call.read().get(0), network.classes());
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
