// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.ScoringEngine.Size;
import io.millrace.model.ScoringEngine.Use;
import java.util.Collection;
import java.util.List;

/**
 * Says what trained weights make of batches. It is the network that {@link Classifier} serves, float32 with BatchNorm
 * folded into the convolutions, so that what is promoted is what was scored. For one thread.
 */
public final class Scorer implements AutoCloseable {
    private final ScoringEngine engine;
    private final Network network;
    private final Normalization normalization;
    private final int height;
    private final int width;
    private final FoldedNetwork folded;

    private Scorer(
            ScoringEngine engine,
            Network network,
            Normalization normalization,
            int height,
            int width,
            FoldedNetwork folded) {
        this.engine = engine;
        this.network = network;
        this.normalization = normalization;
        this.height = height;
        this.width = width;
        this.folded = folded;
    }

    /**
     * A network with these weights, for images of one size.
     *
     * @throws IllegalArgumentException when they do not fit it
     */
    public static Scorer of(
            Network network, Normalization normalization, int height, int width, Collection<Tensor> weights) {
        return of(ScoringEngine.here(), network, normalization, height, width, weights);
    }

    /**
     * The same, by an engine of one's choice.
     *
     * @throws IllegalArgumentException when the weights do not fit the network
     */
    public static Scorer of(
            ScoringEngine engine,
            Network network,
            Normalization normalization,
            int height,
            int width,
            Collection<Tensor> weights) {
        Malloc.keepFreedMemory();
        FoldedNetwork folded = engine.load(network, normalization, new Size(height, width), weights, new Use(false, 1));
        return new Scorer(engine, network, normalization, height, width, folded);
    }

    /** Name and version of what computes. */
    public String engine() {
        return engine.version();
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
        return folded.predict(batch.encoding(), List.of(batch.images()), batch.size());
    }

    @Override
    public void close() {
        folded.close();
    }
}
