// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.Calibration;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.image.Fitting;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a served model.
 *
 * @param name under which it was promoted
 * @param checkpoint what it was loaded from
 * @param accuracy on the test split, as the evaluator published it, 0 to 1; NaN where that is not known
 * @param calibration what its confidence is worth; empty where it is not calibrated
 * @param loadedAt when it began to serve
 * @param classes labels, in the order of the network's outputs
 * @param input makes any picture what the network takes
 */
public record ModelCard(
        String name,
        CheckpointRef checkpoint,
        double accuracy,
        Optional<Calibration> calibration,
        Instant loadedAt,
        List<String> classes,
        Fitting input) {
    public ModelCard {
        classes = List.copyOf(classes);
    }

    /** Id of its checkpoint. */
    public String version() {
        return checkpoint.checkpointId();
    }

    /** What its logits are divided by before the softmax. */
    public double temperature() {
        return calibration.map(Calibration::temperature).orElse(1.0);
    }

    /** The run that trained it. */
    public String runId() {
        return checkpoint.runId();
    }

    /** What is known of it when it serves again. */
    ModelCard promotedAgain(Candidate candidate, Instant at) {
        return new ModelCard(name, checkpoint, candidate.accuracy(), candidate.calibration(), at, classes, input);
    }

    /** Whether this is the candidate: the same bytes, not only the same id, under the same name. */
    boolean isOf(Candidate candidate) {
        return name.equals(candidate.model()) && checkpoint.equals(candidate.checkpoint());
    }
}
