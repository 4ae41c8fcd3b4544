// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * The checkpoint that is to be served under a name from now on.
 *
 * @param model the name
 * @param checkpoint what is to be served
 * @param evaluation its score
 * @param previous what was served before; null for the first
 * @param cause why
 * @param pinned whether it stays until somebody decides otherwise, whatever is better; false in promotions from before it
 *     was there
 * @param promotedAt when it was decided; what is a shadow changes without it
 * @param shadow what is asked beside it, and whose answers nobody is given; null where there is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelPromoted(
        String model,
        CheckpointRef checkpoint,
        EvaluationCompleted evaluation,
        CheckpointRef previous,
        Cause cause,
        Boolean pinned,
        Instant promotedAt,
        CheckpointRef shadow) {
    public ModelPromoted {
        Fields.present(model, "model");
        Fields.present(checkpoint, "checkpoint");
        Fields.present(evaluation, "evaluation");
        Fields.present(promotedAt, "promotedAt");
        pinned = pinned != null && pinned;
    }

    /** Without a shadow. */
    public ModelPromoted(
            String model,
            CheckpointRef checkpoint,
            EvaluationCompleted evaluation,
            CheckpointRef previous,
            Cause cause,
            Boolean pinned,
            Instant promotedAt) {
        this(model, checkpoint, evaluation, previous, cause, pinned, promotedAt, null);
    }

    /** The same decision beside another shadow; what is served is no shadow of itself. */
    public ModelPromoted beside(CheckpointRef other) {
        return new ModelPromoted(
                model,
                checkpoint,
                evaluation,
                previous,
                cause,
                pinned,
                promotedAt,
                checkpoint.equals(other) ? null : other);
    }

    /** Why a checkpoint was promoted. */
    public enum Cause {
        /** It scored better than what was served. */
        @JsonProperty("best")
        BEST,
        /** Somebody asked for it. */
        @JsonProperty("manual")
        MANUAL,
        /** Somebody asked for the one before. */
        @JsonProperty("rollback")
        ROLLBACK
    }
}
