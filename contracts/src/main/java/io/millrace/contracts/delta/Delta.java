// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.delta;

import io.millrace.contracts.event.OffsetRange;
import java.util.List;

/**
 * What a replica learnt in a round. Where gradients are shared, {@link #parameters} are those of its batch, and there are no
 * {@link #buffers}; else, what its steps took off the parameters, {@code θ − θₖ}, and the optimizer's
 * buffers behind them. Vectors hold what the device holds of the network, in its order: elements that never have a gradient
 * are not among them. Their elements are not copied, so not to be changed.
 *
 * @param run incarnation of it
 * @param from steps of the run that were done before the round
 * @param to steps that are done when it is
 * @param replica from 0
 * @param weights digest of the weights that the round began with, hex
 * @param loss mean of the training loss over the samples; NaN over none
 * @param accuracy likewise, 0 to 1
 * @param samples that were trained
 * @param updates of the weights since the run began, for an optimizer that counts them
 * @param batches one a step
 * @param parameters float32, flat
 * @param buffers of the optimizer, each as long as the parameters
 * @param statistics of BatchNorm after the round
 * @param dead how the elements that the device does without were changed, see the model's dead taps; empty without any
 */
public record Delta(
        String run,
        long from,
        long to,
        int replica,
        String weights,
        double loss,
        double accuracy,
        long samples,
        long updates,
        List<Batch> batches,
        float[] parameters,
        List<float[]> buffers,
        float[] statistics,
        double[] dead) {
    public Delta {
        batches = List.copyOf(batches);
        buffers = List.copyOf(buffers);
    }

    /**
     * A batch of the round, in the replica's partition of the log of batches.
     *
     * @param records from the first to where reading goes on
     * @param samples in it; 0 when it was lost, and the step did without
     */
    public record Batch(OffsetRange records, int samples) {}
}
