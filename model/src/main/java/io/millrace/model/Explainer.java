// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.graph.Evidence;
import io.millrace.model.graph.EvidenceMap;
import io.millrace.model.graph.Folding;
import io.millrace.model.graph.Graph;
import io.millrace.model.graph.PoolBeforeRelu;
import io.millrace.model.network.Networks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Says which pixels of an image speak for an answer of the network that {@link Classifier} serves. Several threads may ask
 * at once; close it when none does any more.
 *
 * @see Evidence
 */
public final class Explainer implements AutoCloseable {
    private final Network network;
    private final Normalization normalization;
    private final int height;
    private final int width;
    private final List<EvidenceMap> maps;
    private final OnnxSession session;

    private Explainer(
            Network network,
            Normalization normalization,
            int height,
            int width,
            List<EvidenceMap> maps,
            OnnxSession session) {
        this.network = network;
        this.normalization = normalization;
        this.height = height;
        this.width = width;
        this.maps = maps;
        this.session = session;
    }

    /**
     * A network with these trained weights, for images of one size.
     *
     * @param threads within an operation
     * @throws IllegalArgumentException when they do not fit it
     */
    public static Explainer of(
            Network network,
            Normalization normalization,
            int height,
            int width,
            Collection<Tensor> weights,
            int threads) {
        Folding folding = Folding.of(Graph.of(Networks.describe(network), height, width));
        List<Tensor> folded = folding.weights(Networks.requireFit(network, weights));
        Graph graph = PoolBeforeRelu.of(folding.graph());
        List<EvidenceMap> maps = EvidenceMap.of(graph);
        OnnxSession session = OnnxSession.load(Evidence.onnx(graph, maps, folded), threads);
        return new Explainer(network, normalization, height, width, maps, session);
    }

    /**
     * Where the evidence for a class lies.
     *
     * @param image uint8 {@code [C,H,W]}
     * @param label index of the class, whether or not it is the network's answer
     * @throws IllegalArgumentException when the image has another size, or there is no such class
     */
    public Heat explain(byte[] image, int label) {
        return Heat.of(height, width, maps, evidence(image, label));
    }

    /** What each of {@link #maps()} says, row after row. */
    List<float[]> evidence(byte[] image, int label) {
        int plane = height * width;
        if (image.length != network.inputChannels() * plane) {
            throw new IllegalArgumentException("an image has " + image.length + " bytes, " + network.inputChannels()
                    + "x" + height + "x" + width + " are " + network.inputChannels() * plane);
        }
        if (label < 0 || label >= network.classes()) {
            throw new IllegalArgumentException(
                    "class " + label + " is none of the " + network.classes() + ", which are numbered from 0");
        }
        ByteBuffer pixels = direct(image.length);
        for (int k = 0; k < image.length; k++) {
            pixels.putFloat(normalization.apply(k / plane, image[k] & 0xff));
        }
        ByteBuffer target = direct(network.classes());
        target.putFloat(label * Float.BYTES, 1);
        List<float[]> evidence = new ArrayList<>();
        session.run(
                        List.of(pixels.flip(), target),
                        List.of(new long[] {1, network.inputChannels(), height, width}, new long[] {1, network.classes()
                        }))
                .forEach(output -> evidence.add(floats(output)));
        return evidence;
    }

    /** The maps that are asked. */
    List<EvidenceMap> maps() {
        return maps;
    }

    private static ByteBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.nativeOrder());
    }

    private static float[] floats(ByteBuffer output) {
        float[] values = new float[output.remaining() / Float.BYTES];
        output.asFloatBuffer().get(values);
        return values;
    }

    @Override
    public void close() {
        session.close();
    }
}
