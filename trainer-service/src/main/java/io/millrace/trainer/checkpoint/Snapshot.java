// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.safetensors.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A run after a step, copied out of the learner: all that a checkpoint is made of.
 *
 * @param step steps done
 * @param epoch epochs begun
 * @param samplesSeen training samples so far
 * @param loss all losses that this process saw
 * @param firstOffsets by partition, the first record that this process trained
 * @param nextOffsets by partition, where reading goes on
 * @param batchesDigest of {@link BatchChain}
 * @param batchesLog lines for {@link BatchLog} since the snapshot before
 * @param trainSeconds wall time of training, of all processes
 * @param waitSeconds part of it in which batches were waited for
 * @param weights under torchvision's names
 * @param optimizer the optimizer's buffers
 * @param last whether the run ends here
 */
public record Snapshot(
        long step,
        int epoch,
        long samplesSeen,
        LossSum loss,
        Map<Integer, Long> firstOffsets,
        Map<Integer, Long> nextOffsets,
        String batchesDigest,
        String batchesLog,
        double trainSeconds,
        double waitSeconds,
        List<Tensor> weights,
        List<Tensor> optimizer,
        boolean last) {

    /**
     * Losses of a number of samples.
     *
     * @param sum over the samples
     * @param samples how many
     */
    public record LossSum(double sum, long samples) {
        /** No losses. */
        public static final LossSum NONE = new LossSum(0, 0);

        /** With those of some more samples. */
        public LossSum plus(double mean, long more) {
            return new LossSum(sum + mean * more, samples + more);
        }

        /** The mean of what came since; 0 when nothing came. */
        public double meanSince(LossSum before) {
            long count = samples - before.samples;
            return count == 0 ? 0 : (sum - before.sum) / count;
        }
    }

    /** This one, in place of an older one that will not be written: what is told once must not get lost with it. */
    Snapshot inPlaceOf(Snapshot older) {
        return new Snapshot(
                step,
                epoch,
                samplesSeen,
                loss,
                firstOffsets,
                nextOffsets,
                batchesDigest,
                older.batchesLog + batchesLog,
                trainSeconds,
                waitSeconds,
                weights,
                optimizer,
                last);
    }
}
