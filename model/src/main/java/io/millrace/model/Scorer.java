// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.ScriptModule.Call;
import io.millrace.model.ScriptModule.Tensors;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Says what trained weights make of batches. It is the network that {@link Classifier} serves, float32 with BatchNorm
 * folded into the convolutions, so that what is promoted is what was scored. For one thread.
 */
public final class Scorer implements AutoCloseable {
    private final Network network;
    private final Normalization normalization;
    private final int height;
    private final int width;
    private final ScriptModule module;
    private final Map<Encoding, Tensors> affine = new EnumMap<>(Encoding.class);

    private Scorer(Network network, Normalization normalization, int height, int width, ScriptModule module) {
        this.network = network;
        this.normalization = normalization;
        this.height = height;
        this.width = width;
        this.module = module;
        for (Encoding encoding : Encoding.values()) {
            affine.put(encoding, Pixels.affine(module, normalization, encoding));
        }
    }

    /**
     * A network with these weights, for images of one size.
     *
     * @throws IllegalArgumentException when they do not fit it
     */
    public static Scorer of(
            Network network, Normalization normalization, int height, int width, Collection<Tensor> weights) {
        Malloc.keepFreedMemory();
        ScriptModule module = Archives.forScoring(network, height, width, weights);
        return new Scorer(network, normalization, height, width, module);
    }

    /**
     * Predictions for a batch.
     *
     * @throws IllegalArgumentException when the batch does not fit the network
     */
    public Predictions score(ImageBatch batch) {
        if (batch.channels() != network.inputChannels()
                || batch.height() != height
                || batch.width() != width
                || !batch.normalization().equals(normalization)) {
            throw new IllegalArgumentException("batch " + batch.id() + " of images of " + batch.channels() + "x"
                    + batch.height() + "x" + batch.width() + ", normalized with " + batch.normalization()
                    + ", does not fit a network for " + network.inputChannels() + "x" + height + "x" + width + " and "
                    + normalization);
        }
        try (Call call = module.call("evaluate", false)) {
            Pixels.add(call, List.of(batch)).each(affine.get(batch.encoding()));
            return Predictions.of(call.read().get(0), network.classes());
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
