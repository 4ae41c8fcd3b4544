// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.safetensors.Tensor;
import java.util.List;

/**
 * The weights of a run after a step, read and whole.
 *
 * @param metadata what they are and where they come from
 * @param weights parameters and BatchNorm statistics, float32, under torchvision's names
 */
public record Checkpoint(CheckpointMetadata metadata, List<Tensor> weights) {
    public Checkpoint {
        weights = List.copyOf(weights);
    }
}
