// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * A checkpoint that can be read.
 *
 * @param checkpoint where it lies
 * @param model name under which it would be served
 * @param datasetDigest names the test split it is to be scored on
 * @param step steps done, 1 after the first
 * @param epoch epochs begun, 1 in the first
 * @param samplesSeen training samples so far
 * @param trainingLoss mean loss since the previous checkpoint
 * @param offsets by partition, the records that were trained since the previous checkpoint
 * @param isFinal whether the run ends here
 */
public record CheckpointPublished(
        CheckpointRef checkpoint,
        String model,
        String datasetDigest,
        long step,
        int epoch,
        long samplesSeen,
        double trainingLoss,
        Map<Integer, OffsetRange> offsets,
        @JsonProperty("final") boolean isFinal) {
    public CheckpointPublished {
        Fields.present(checkpoint, "checkpoint");
        Fields.present(model, "model");
        Fields.present(datasetDigest, "datasetDigest");
        offsets = Map.copyOf(Fields.present(offsets, "offsets"));
    }
}
