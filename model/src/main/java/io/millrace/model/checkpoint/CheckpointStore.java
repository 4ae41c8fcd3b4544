// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Where checkpoints lie: {@code <run id>/step-<n>.safetensors} and, beside it, {@code step-<n>.state.safetensors}. One
 * writer per run, any number of readers, of which none ever sees a half-written checkpoint. Thread-safe.
 */
public interface CheckpointStore {
    /**
     * Writes a checkpoint durably; when this returns, it survives a loss of power. A checkpoint of the same step is
     * replaced.
     *
     * @param state whose {@link TrainingState#weightsSha256()} is set by the store
     * @return what is to be announced
     * @throws IOException when it could not be written; then nothing of it can be seen
     */
    CheckpointRef write(CheckpointMetadata metadata, List<Tensor> weights, TrainingState state) throws IOException;

    /**
     * Reads the weights of a checkpoint.
     *
     * @throws CorruptCheckpointException when the file is missing, or is not the one that was announced
     * @throws IllegalArgumentException when its uri leads out of the store
     */
    Checkpoint read(CheckpointRef ref) throws IOException;

    /** The newest checkpoint of a run whose weights and state are both whole; empty when there is none. */
    Optional<ResumePoint> latest(String runId) throws IOException;

    /** The checkpoints of a run, oldest first. */
    List<StoredCheckpoint> list(String runId) throws IOException;

    /**
     * Removes the states of all but a run's newest checkpoints: nobody resumes from those any more. Their weights stay.
     *
     * @param keep how many states stay, at least 1
     */
    void pruneStates(String runId, int keep) throws IOException;

    /**
     * Takes all checkpoints of a run out of the way, for another run of its name; nothing is removed.
     *
     * @return where they lie from now on
     */
    String setAside(String runId) throws IOException;

    /** Removes a checkpoint and its state. One that is gone already is no error. */
    void delete(CheckpointRef ref) throws IOException;
}
