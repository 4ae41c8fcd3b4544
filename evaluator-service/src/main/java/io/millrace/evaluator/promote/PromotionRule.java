// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted;
import java.time.Instant;
import java.util.Optional;

/**
 * When a checkpoint is promoted without being asked for.
 *
 * <ul>
 *   <li>The first one of a model is.
 *   <li>On the data set of the promoted one: when it has a higher accuracy, or the same and a lower loss.
 *   <li>On another data set, whose figures cannot be compared: when that data set is newer, that is, when no checkpoint
 *       of the model had been evaluated on it before the promoted one was promoted.
 *   <li>The promoted one's file was written anew (a trainer that resumed on another processor): the new content takes
 *       the place of the old, which is gone.
 *   <li>A decision of a person counts like any other: what comes after it has to be better than what that person chose.
 *       A checkpoint that was evaluated before the latest decision has had its chance ({@link #outstanding}), so a
 *       rollback is not undone when the checkpoint it left behind is delivered again.
 * </ul>
 */
public final class PromotionRule {
    private PromotionRule() {}

    /**
     * Whether the candidate is to take the place of the promoted one.
     *
     * @param candidate of the same model
     * @param current what is promoted; empty: nothing
     * @param dataSetSince when the model was first evaluated on the candidate's data set
     */
    public static boolean better(EvaluationCompleted candidate, Optional<ModelPromoted> current, Instant dataSetSince) {
        if (current.isEmpty()) {
            return true;
        }
        EvaluationCompleted promoted = current.get().evaluation();
        if (promoted.checkpoint().checkpointId().equals(candidate.checkpoint().checkpointId())) {
            return !promoted.checkpoint().sha256().equals(candidate.checkpoint().sha256());
        }
        if (!promoted.datasetDigest().equals(candidate.datasetDigest())) {
            return dataSetSince.isAfter(current.get().promotedAt());
        }
        return candidate.accuracy() > promoted.accuracy()
                || (candidate.accuracy() == promoted.accuracy() && candidate.loss() < promoted.loss());
    }

    /** Whether nobody has decided about the model since the candidate was evaluated. */
    public static boolean outstanding(EvaluationCompleted candidate, Optional<ModelPromoted> current) {
        return current.isEmpty() || current.get().promotedAt().isBefore(candidate.evaluatedAt());
    }
}
