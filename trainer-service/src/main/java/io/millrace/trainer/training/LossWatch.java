// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.StepStats;
import io.millrace.trainer.checkpoint.Snapshot.LossSum;
import io.millrace.trainer.consume.RunFailedException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Supplier;

/** Reads the learner's statistics and ends a run that diverged. For the training thread. */
final class LossWatch {
    private final Supplier<StepStats> source;
    private LossSum sum = LossSum.NONE;
    private Double loss;
    private Double accuracy;

    LossWatch(Supplier<StepStats> source) {
        this.source = source;
    }

    /**
     * Reads what the steps since the previous reading came to.
     *
     * @param step the latest one, from 1
     * @throws RunFailedException when the loss is not finite
     */
    void read(long step, double learningRate) throws RunFailedException {
        StepStats stats = source.get();
        if (stats.samples() == 0) {
            return;
        }
        if (!Double.isFinite(stats.loss())) {
            throw new DivergedException("loss is not finite at step " + step + " (learning rate " + learningRate + ")");
        }
        loss = stats.loss();
        accuracy = stats.accuracy();
        sum = sum.plus(loss, stats.samples());
    }

    /**
     * Refuses weights that no checkpoint must hold: a step may ruin them and still have had a finite loss before.
     *
     * @throws RunFailedException when one of them is not finite
     */
    static void check(List<Tensor> weights, long step, double learningRate) throws RunFailedException {
        for (Tensor tensor : weights) {
            FloatBuffer values = tensor.data().asFloatBuffer();
            // Finite times 0 is 0, anything else becomes NaN and stays so: one test per tensor, not per weight.
            float zero = 0;
            for (int k = 0; k < values.limit(); k++) {
                zero += values.get(k) * 0;
            }
            if (zero != 0) {
                throw new DivergedException("weights " + tensor.name() + " are not finite after step " + step
                        + " (learning rate " + learningRate + ")");
            }
        }
    }

    /** All losses so far. */
    LossSum sum() {
        return sum;
    }

    /** Mean over the latest steps; null before there are any. */
    Double loss() {
        return loss;
    }

    /** Over the latest steps, 0 to 1; null before there are any. */
    Double accuracy() {
        return accuracy;
    }
}
