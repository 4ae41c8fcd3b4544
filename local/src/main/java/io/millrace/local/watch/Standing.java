// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;

/**
 * A line of evaluator-service's {@code GET /leaderboard}.
 *
 * @param checkpointId what was scored
 * @param runId its run
 * @param step steps done
 * @param epoch epochs begun
 * @param averaged whether it is the average beside a checkpoint
 * @param accuracy on the test split, 0 to 1
 * @param loss mean cross entropy
 * @param result whether it is the result of its run
 * @param validation what the validation split said of these weights; null where it was not asked
 * @param promoted whether it is what is to be served
 * @param model the name under which it would be served
 * @param datasetDigest names the data set
 * @param objection why it is not promoted; null when it is, or is about to be
 * @param kept whether its weights are there still; true where the service does not say
 * @param temperature what its logits are divided by for a confidence that is calibrated; null where it is not
 * @param calibratedError expected calibration error with that, 0 to 1; null where it is not calibrated
 */
public record Standing(
        String checkpointId,
        String runId,
        long step,
        int epoch,
        boolean averaged,
        double accuracy,
        double loss,
        boolean result,
        Validated validation,
        boolean promoted,
        String model,
        String datasetDigest,
        String objection,
        Boolean kept,
        Double temperature,
        Double calibratedError) {
    public Standing {
        kept = kept == null || kept;
    }

    /** Whether it is of this very run, and not of an earlier one of its name. */
    public boolean isOf(RunSpec run) {
        return checkpointId.startsWith(run.incarnation() + "-step-");
    }

    /** Whether the validation split made it the result of its run. */
    public boolean chosen() {
        return result && validation != null && validation.kept();
    }
}
