// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.inference.image.ImageFitter;
import java.time.Instant;
import java.util.List;

/**
 * What is known of a served model.
 *
 * @param name under which it was promoted
 * @param checkpoint what it was loaded from
 * @param accuracy on the test split, as the evaluator published it, 0 to 1; NaN where that is not known
 * @param loadedAt when it began to serve
 * @param classes labels, in the order of the network's outputs
 * @param input what the network takes
 */
public record ModelCard(
        String name,
        CheckpointRef checkpoint,
        double accuracy,
        Instant loadedAt,
        List<String> classes,
        ImageFitter input) {
    public ModelCard {
        classes = List.copyOf(classes);
    }

    /** Id of its checkpoint. */
    public String version() {
        return checkpoint.checkpointId();
    }

    /** The run that trained it. */
    public String runId() {
        return checkpoint.runId();
    }

    /** Whether this is the candidate: the same bytes, not only the same id, under the same name. */
    boolean isOf(Candidate candidate) {
        return name.equals(candidate.model()) && checkpoint.equals(candidate.checkpoint());
    }
}
