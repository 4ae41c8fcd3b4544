// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

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
 * @param promoted whether it is what is to be served
 * @param model the name under which it would be served
 * @param datasetDigest names the data set
 * @param objection why it is not promoted; null when it is
 */
public record Standing(
        String checkpointId,
        String runId,
        long step,
        int epoch,
        boolean averaged,
        double accuracy,
        double loss,
        boolean promoted,
        String model,
        String datasetDigest,
        String objection) {}
