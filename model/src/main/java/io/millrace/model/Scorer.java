// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Graph;
import io.millrace.model.network.Networks;
import java.util.Collection;
import java.util.List;

/**
 * Says what trained weights make of batches. It is the network that {@link Classifier} serves, float32 with BatchNorm
 * folded into the convolutions, so that what is promoted is what was scored. For one thread.
 */
public final class Scorer implements AutoCloseable {
    private final Network network;
    private final Normalization normalization;
    private final ScriptModule module;

    private Scorer(Network network, Normalization normalization, ScriptModule module) {
        this.network = network;
        this.normalization = normalization;
        this.module = module;
    }

    /**
     * A network with these weights.
     *
     * @throws IllegalArgumentException when they do not fit it
     */
    public static Scorer of(Network network, Normalization normalization, Collection<Tensor> weights) {
        Networks.requireKnown(network);
        Malloc.keepFreedMemory();
        Graph graph = Networks.foldedGraph(network);
        List<Tensor> folded = Networks.foldedWeights(network, weights);
        ScriptModule module =
                ScriptModule.load(ScriptModule.archive(graph, TrainingMethods.forScoring(graph), folded, true), false);
        return new Scorer(network, normalization, module);
    }

    /**
     * Predictions for a batch.
     *
     * @throws IllegalArgumentException when the batch does not fit the network
     */
    public Predictions score(ImageBatch batch) {
        if (batch.channels() != network.inputChannels()
                || !batch.normalization().equals(normalization)) {
            throw new IllegalArgumentException("batch " + batch.id() + " of " + batch.channels()
                    + " channels, normalized with " + batch.normalization() + ", does not fit a network of "
                    + network.inputChannels() + " channels and " + normalization);
        }
        try (NDManager scope = module.manager().newSubManager()) {
            NDList out = module.call(scope, "evaluate", ScriptModule.images(scope, batch), false);
            float[] values = out.singletonOrThrow().toFloatArray();
            out.close();
            return new Predictions(values, network.classes());
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
