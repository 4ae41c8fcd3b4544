// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What the validation split said at the end of an epoch, and what was decided on it. Whoever goes on with a run, or
 * recomputes it, takes the decisions from here and does not ask the split again.
 *
 * @param epoch that ended, from 1
 * @param step steps done; decisions hold from the one after on
 * @param loss mean cross entropy in nats, without label smoothing
 * @param accuracy part of the samples whose most probable class is the label, 0 to 1
 * @param best whether early stopping keeps these weights: they are the best of the run so far by its metric; null without
 *     early stopping
 * @param learningRate of the steps that follow, before any warm-up; null where the schedule does not depend on the split
 * @param stop why the run ends here; null when it goes on
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Validated(
        int epoch, long step, double loss, double accuracy, Boolean best, Double learningRate, String stop) {
    public Validated {
        Fields.atLeast(1, epoch, "validation.epoch");
        Fields.atLeast(1, step, "validation.step");
    }

    /** Whether early stopping keeps these weights. */
    public boolean kept() {
        return Boolean.TRUE.equals(best);
    }
}
