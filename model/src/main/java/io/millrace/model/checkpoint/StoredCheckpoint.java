// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

/**
 * Weights that lie in the store; whether they are whole is only known once they are read.
 *
 * @param checkpointId {@code <incarnation>-step-<n>}, of an average with {@code -average} behind it
 * @param step n
 * @param uri relative to the store
 * @param size of the file in bytes
 */
public record StoredCheckpoint(String checkpointId, long step, String uri, long size) {}
