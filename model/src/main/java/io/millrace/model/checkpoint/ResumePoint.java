// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.event.CheckpointRef;

/**
 * Where a run can go on.
 *
 * @param ref the checkpoint, with the digest and size of its file, as it was or is to be announced
 * @param checkpoint the weights
 * @param state what the trainer needs beside them
 */
public record ResumePoint(CheckpointRef ref, Checkpoint checkpoint, TrainingState state) {}
