// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A checkpoint that can be read.
 *
 * @param checkpoint where it lies
 * @param model name under which it would be served
 * @param datasetDigest names the test split it is to be scored on
 * @param position how far the run had come
 * @param compute what decided the bits of its weights
 * @param isFinal whether it is the result of the run: its last checkpoint, or the best one where early stopping keeps that,
 *     which is announced once more at the end
 * @param validation what the validation split said of these weights; null but at the ends of epochs of a run that has such
 *     a split
 */
public record CheckpointPublished(
        CheckpointRef checkpoint,
        String model,
        String datasetDigest,
        Position position,
        Compute compute,
        @JsonProperty("final") boolean isFinal,
        @JsonInclude(JsonInclude.Include.NON_NULL) Validated validation) {
    public CheckpointPublished {
        Fields.present(checkpoint, "checkpoint");
        Fields.present(model, "model");
        Fields.present(datasetDigest, "datasetDigest");
        Fields.present(position, "position");
        Fields.present(compute, "compute");
    }

    /** The same, as the result of its run or not. */
    public CheckpointPublished asFinal(boolean result) {
        return new CheckpointPublished(checkpoint, model, datasetDigest, position, compute, result, validation);
    }
}
