// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A checkpoint that can be read.
 *
 * @param checkpoint where it lies
 * @param model name under which it would be served
 * @param datasetDigest names the test split it is to be scored on
 * @param position how far the run had come
 * @param compute what decided the bits of its weights
 * @param isFinal whether the run ends here
 */
public record CheckpointPublished(
        CheckpointRef checkpoint,
        String model,
        String datasetDigest,
        Position position,
        Compute compute,
        @JsonProperty("final") boolean isFinal) {
    public CheckpointPublished {
        Fields.present(checkpoint, "checkpoint");
        Fields.present(model, "model");
        Fields.present(datasetDigest, "datasetDigest");
        Fields.present(position, "position");
        Fields.present(compute, "compute");
    }
}
