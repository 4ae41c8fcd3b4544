// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.graph.Folding;
import io.millrace.model.graph.Graph;
import io.millrace.model.graph.LiveTaps;
import io.millrace.model.network.Networks;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/**
 * A folded network under ONNX Runtime, on processors. The form that a small map takes depends on the number of images in a
 * call ({@link LiveTaps#forBatches}), so that there may be two of it: one for few images, one for many.
 */
final class OnnxNetwork implements FoldedNetwork {
    private final Network network;
    private final Normalized normalized;
    private final OnnxSession few;
    private final OnnxSession many;

    private OnnxNetwork(Network network, Normalized normalized, OnnxSession few, OnnxSession many) {
        this.network = network;
        this.normalized = normalized;
        this.few = few;
        this.many = many;
    }

    /**
     * Loads it.
     *
     * @param fewToo whether calls with few images matter; they are answered otherwise, too, but slower
     * @param threads within an operation
     * @throws IllegalArgumentException when the weights do not fit the network
     */
    static OnnxNetwork load(
            Network network,
            Normalization normalization,
            int height,
            int width,
            Collection<Tensor> weights,
            boolean fewToo,
            int threads) {
        Folding folding = Folding.of(Graph.of(Networks.describe(network), height, width));
        List<Tensor> folded = folding.weights(Networks.requireFit(network, weights));
        Graph forBatches = LiveTaps.forBatches(folding.graph());
        Graph forFew = LiveTaps.forInference(folding.graph());
        OnnxSession many = OnnxSession.load(forBatches.onnx(folded), threads);
        OnnxSession few = many;
        if (fewToo && !forFew.equals(forBatches)) {
            try {
                few = OnnxSession.load(forFew.onnx(folded), threads);
            } catch (RuntimeException e) {
                many.close();
                throw e;
            }
        }
        return new OnnxNetwork(network, new Normalized(normalization, height, width), few, many);
    }

    @Override
    public Predictions predict(Encoding encoding, List<ByteBuffer> images, int count) {
        OnnxSession session = count <= LiveTaps.FEW_IMAGES ? few : many;
        ByteBuffer logits = session.run(normalized.of(encoding, images, count), normalized.shape(count))
                .get(0);
        return Predictions.of(logits, network.classes());
    }

    @Override
    public void close() {
        many.close();
        if (few != many) {
            few.close();
        }
    }
}
