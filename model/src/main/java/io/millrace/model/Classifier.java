// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.ScoringEngine.Size;
import io.millrace.model.ScoringEngine.Use;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
    private final FoldedNetwork folded;

    private Classifier(Network network, int height, int width, FoldedNetwork folded) {
        this.network = network;
        this.height = height;
        this.width = width;
        this.folded = folded;
    }

    /**
     * A network with these trained weights, for images of one size, asked by one thread at a time.
     *
     * @throws IllegalArgumentException when they do not fit it
     */
    public static Classifier of(
            Network network, Normalization normalization, int height, int width, Collection<Tensor> weights) {
        return of(ScoringEngine.here(), network, normalization, height, width, weights, 1);
    }

    /**
     * A network with these trained weights, for images of one size.
     *
     * @param callers threads that classify at once: each call takes its share of this process's processors
     * @throws IllegalArgumentException when the weights do not fit the network
     */
    public static Classifier of(
            ScoringEngine engine,
            Network network,
            Normalization normalization,
            int height,
            int width,
            Collection<Tensor> weights,
            int callers) {
        FoldedNetwork folded =
                engine.load(network, normalization, new Size(height, width), weights, new Use(true, callers));
        return new Classifier(network, height, width, folded);
    }

    /**
     * Probabilities per image, {@code [N][K]}; each row sums to 1. See {@link #predict}.
     */
    public float[][] probabilities(List<byte[]> images) {
        if (images.isEmpty()) {
            return new float[0][];
        }
        Predictions predictions = predict(images);
        float[][] rows = new float[images.size()][];
        for (int n = 0; n < rows.length; n++) {
            rows[n] = predictions.probabilities(n);
        }
        return rows;
    }

    /**
     * What the network says about some images, run as one batch.
     *
     * @param images at least one, uint8 {@code [C,H,W]} each
     * @throws IllegalArgumentException when an image has another size
     */
    public Predictions predict(List<byte[]> images) {
        int channels = network.inputChannels();
        int imageBytes = channels * height * width;
        List<ByteBuffer> buffers = new ArrayList<>(images.size());
        for (byte[] image : images) {
            if (image.length != imageBytes) {
                throw new IllegalArgumentException("an image has " + image.length + " bytes, " + channels + "x" + height
                        + "x" + width + " are " + imageBytes);
            }
            buffers.add(ByteBuffer.wrap(image));
        }
        return folded.predict(Encoding.UINT8, buffers, images.size());
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
        folded.close();
    }
}
