// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

/**
 * A checkpoint that lies in the store; whether it is whole is only known once it is read.
 *
 * @param checkpointId {@code <run id>-step-<n>}
 * @param runId its run
 * @param step n
 * @param uri of the weights, relative to the store
 * @param size of the weights file in bytes
 */
public record StoredCheckpoint(String checkpointId, String runId, long step, String uri, long size) {}
