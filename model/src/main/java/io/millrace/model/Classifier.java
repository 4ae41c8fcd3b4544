// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Graph;
import io.millrace.model.network.Networks;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * Classifies images, for serving: float32, BatchNorm folded into the convolutions. Several threads may classify at once;
 * close it when none does any more.
 */
public final class Classifier implements AutoCloseable {
    private final Network network;
    private final Normalization normalization;
    private final int height;
    private final int width;
    private final ScriptModule module;

    private Classifier(Network network, Normalization normalization, int height, int width, ScriptModule module) {
        this.network = network;
        this.normalization = normalization;
        this.height = height;
        this.width = width;
        this.module = module;
    }

    /**
     * A network with these trained weights, for images of one size.
     *
     * @throws IllegalArgumentException when they do not fit it
     */
    public static Classifier of(
            Network network, Normalization normalization, int height, int width, Collection<Tensor> weights) {
        Networks.requireKnown(network);
        Graph graph = Networks.foldedGraph(network);
        List<Tensor> folded = Networks.foldedWeights(network, weights);
        ScriptModule module =
                ScriptModule.load(ScriptModule.archive(graph, TrainingMethods.forScoring(graph), folded, true), false);
        return new Classifier(network, normalization, height, width, module);
    }

    /**
     * Probabilities per image, {@code [N][K]}; each row sums to 1.
     *
     * @param images uint8 {@code [C,H,W]} each
     * @throws IllegalArgumentException when an image has another size
     */
    public float[][] probabilities(List<byte[]> images) {
        if (images.isEmpty()) {
            return new float[0][];
        }
        int channels = network.inputChannels();
        int imageBytes = channels * height * width;
        ByteBuffer bytes = ScriptModule.direct(images.size() * imageBytes);
        for (byte[] image : images) {
            if (image.length != imageBytes) {
                throw new IllegalArgumentException("an image has " + image.length + " bytes, " + channels + "x" + height
                        + "x" + width + " are " + imageBytes);
            }
            bytes.put(image);
        }
        Shape shape = new Shape(images.size(), channels, height, width);
        try (NDManager scope = module.manager().newSubManager()) {
            NDList input = new NDList(scope.create(bytes.flip(), shape, DataType.UINT8));
            input.addAll(ScriptModule.affine(scope, normalization, Encoding.UINT8));
            NDList out = module.call(scope, "evaluate", input, false);
            Predictions predictions = new Predictions(out.singletonOrThrow().toFloatArray(), network.classes());
            out.close();
            float[][] rows = new float[images.size()][];
            for (int k = 0; k < rows.length; k++) {
                rows[k] = predictions.probabilities(k);
            }
            return rows;
        }
    }

    /** Classifies black images, once for each batch size, so that the first real ones find everything in place. */
    public void warmUp(int... batchSizes) {
        byte[] black = new byte[network.inputChannels() * height * width];
        for (int batchSize : batchSizes) {
            probabilities(Collections.nCopies(batchSize, black));
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
