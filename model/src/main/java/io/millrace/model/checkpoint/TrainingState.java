// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.safetensors.Tensor;
import java.util.List;
import java.util.Map;

/**
 * What training goes on from, beside the weights. The position is here, not in a consumer group.
 *
 * @param optimizer the optimizer's buffers
 * @param nextOffsets by partition, the offset of the first record that these weights have not seen
 * @param step steps done
 * @param epoch epochs begun
 * @param samplesSeen training samples so far
 * @param checkpoints checkpoints of the run so far, this one included
 * @param weightsSha256 of the weights file that this belongs to; set by the store, null before
 * @param extras whatever else the trainer keeps
 */
public record TrainingState(
        List<Tensor> optimizer,
        Map<Integer, Long> nextOffsets,
        long step,
        int epoch,
        long samplesSeen,
        long checkpoints,
        String weightsSha256,
        Map<String, String> extras) {
    public TrainingState {
        optimizer = List.copyOf(optimizer);
        nextOffsets = Map.copyOf(nextOffsets);
        extras = Map.copyOf(extras);
    }

    TrainingState of(String sha256) {
        return new TrainingState(optimizer, nextOffsets, step, epoch, samplesSeen, checkpoints, sha256, extras);
    }
}
