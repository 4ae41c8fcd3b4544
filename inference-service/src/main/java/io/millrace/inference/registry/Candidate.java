// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.Calibration;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.ModelPromoted;
import java.util.Objects;
import java.util.Optional;

/**
 * A checkpoint that may be served.
 *
 * @param model name under which it was promoted
 * @param checkpoint where it lies
 * @param accuracy on the test split, as the evaluator published it, 0 to 1; NaN where that is not known
 * @param calibration what its confidence is worth; empty where it is not calibrated, or that is not known
 * @param previous what was promoted before it, as far as that is known
 * @param shadow what is to be asked beside it
 */
public record Candidate(
        String model,
        CheckpointRef checkpoint,
        double accuracy,
        Optional<Calibration> calibration,
        Optional<CheckpointRef> previous,
        Optional<CheckpointRef> shadow) {
    public Candidate {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(checkpoint, "checkpoint");
    }

    /** What a promotion names. */
    static Candidate of(ModelPromoted promotion) {
        return new Candidate(
                promotion.model(),
                promotion.checkpoint(),
                promotion.evaluation().accuracy(),
                Optional.ofNullable(promotion.evaluation().calibration()),
                Optional.ofNullable(promotion.previous()),
                Optional.ofNullable(promotion.shadow()));
    }

    /** The one before, of which no more is known than its place. */
    Optional<Candidate> before() {
        return previous.map(this::known);
    }

    /** What is to be asked beside it, of which no more is known either. */
    Optional<Candidate> beside() {
        return shadow.map(this::known);
    }

    private Candidate known(CheckpointRef ref) {
        return new Candidate(model, ref, Double.NaN, Optional.empty(), Optional.empty(), Optional.empty());
    }
}
