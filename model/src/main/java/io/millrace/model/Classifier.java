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
import java.util.Collections;
import java.util.List;

/**
 * Classifies images, for serving: float32, BatchNorm folded into the convolutions. Several threads may classify at once;
 * close it when none does any more.
 */
public final class Classifier implements AutoCloseable {
    private final Network network;
    private final int height;
    private final int width;
    private final ScriptModule module;
    private final Tensors affine;

    private Classifier(Network network, Normalization normalization, int height, int width, ScriptModule module) {
        this.network = network;
        this.height = height;
        this.width = width;
        this.module = module;
        this.affine = Pixels.affine(module, normalization, Encoding.UINT8);
    }

    /**
     * A network with these trained weights, for images of one size.
     *
     * @throws IllegalArgumentException when they do not fit it
     */
    public static Classifier of(
            Network network, Normalization normalization, int height, int width, Collection<Tensor> weights) {
        ScriptModule module = Archives.forScoring(network, height, width, weights);
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
        try (Call call = module.call("evaluate", false)) {
            call.bytes(bytes.flip(), images.size(), channels, height, width).each(affine);
            Predictions predictions = Predictions.of(call.read().get(0), network.classes());
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
