// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Add;
import io.millrace.model.network.Description;
import io.millrace.model.network.Held;
import io.millrace.model.network.Layer;
import io.millrace.model.network.Relu;
import io.millrace.model.network.Weight;
import java.util.List;
import java.util.function.Predicate;

/**
 * Bytes that training takes, about. Held against the peak of real trainings (docs/transfer.md), it was at most a tenth
 * below and a third above.
 *
 * @param batchSize images that go through the network at once
 * @param total of what follows
 * @param weights parameters and statistics, and their copies in bfloat16 where convolutions compute in that
 * @param optimizer gradients and buffers
 * @param activations what the way forward keeps for the way back
 * @param passing what operators hold besides, at the largest map: its gradients and their own room
 * @param host copies of the weights on the way to the device and into checkpoints, and of what replicas learnt
 */
public record TrainingMemory(
        int batchSize, long total, long weights, long optimizer, long activations, long passing, long host) {
    private static final int BFLOAT16_BYTES = 2;
    /** Times the largest map: measured. */
    private static final int PASSING = 4;
    /** Times all weights: measured. They are drawn or read, handed over, and copied out again. */
    private static final int COPIES = 3;

    /**
     * Of a graph.
     *
     * @param live as it is trained
     * @param batchSize images that go through it at once
     * @param bf16 whether convolutions compute in bfloat16
     * @param buffers as large as the gradients: the optimizer's, and what gradients are added up in
     * @param trained which weights are
     */
    public static TrainingMemory of(Graph live, int batchSize, boolean bf16, int buffers, Predicate<Weight> trained) {
        int bytes = bf16 ? BFLOAT16_BYTES : Float.BYTES;
        long held = live.held().stream().mapToLong(Held::elements).sum();
        long learning = live.held().stream()
                .filter(part -> trained.test(part.weight()))
                .mapToLong(Held::elements)
                .sum();
        long whole = live.weights().stream().mapToLong(Weight::elements).sum();
        long largest = live.nodes().stream()
                .mapToLong(node -> node.shape().elements())
                .max()
                .orElse(0);
        long weights = held * (bf16 ? Float.BYTES + BFLOAT16_BYTES : Float.BYTES);
        long optimizer = learning * Float.BYTES * (1 + buffers);
        long activations = batchSize * kept(live, trained) * bytes;
        long passing = batchSize * largest * bytes * PASSING;
        long host = whole * Float.BYTES * COPIES;
        return new TrainingMemory(
                batchSize,
                weights + optimizer + activations + passing + host,
                weights,
                optimizer,
                activations,
                passing,
                host);
    }

    /** With so many more bytes on the host. */
    public TrainingMemory withHost(long more) {
        return new TrainingMemory(batchSize, total + more, weights, optimizer, activations, passing, host + more);
    }

    /** The way back ends at the first layer that is trained; what nobody on it reads is not kept. */
    private static long kept(Graph live, Predicate<Weight> trained) {
        List<Node> nodes = live.nodes();
        boolean[] onTheWayBack = new boolean[nodes.size()];
        boolean[] read = new boolean[nodes.size()];
        long kept = 0;
        for (int k = 0; k < nodes.size(); k++) {
            Node node = nodes.get(k);
            onTheWayBack[k] = node.layer().weights().stream().anyMatch(trained)
                    || node.inputs().stream().anyMatch(input -> input != Description.IMAGE && onTheWayBack[input]);
            for (int input : node.inputs()) {
                if (onTheWayBack[k] && input == Description.IMAGE) {
                    kept += live.image().elements();
                } else if (onTheWayBack[k]) {
                    read[input] = true;
                }
            }
        }
        for (int k = 0; k < nodes.size(); k++) {
            boolean last = k == nodes.size() - 1;
            kept += (read[k] || last) && hasOwnOutput(nodes.get(k).layer())
                    ? nodes.get(k).shape().elements()
                    : 0;
        }
        return kept;
    }

    /** ReLU and sums overwrite what they read. */
    private static boolean hasOwnOutput(Layer layer) {
        return !(layer instanceof Relu || layer instanceof Add);
    }

    /** What the device has to have room for, where that is not the host. */
    public long onDevice() {
        return total - host;
    }

    /** How many images at once would take so many bytes; 0 when none does. */
    public long imagesIn(long bytes) {
        long fixed = weights + optimizer + host;
        return Math.max(0, (bytes - fixed) * batchSize / Math.max(1, activations + passing));
    }
}
