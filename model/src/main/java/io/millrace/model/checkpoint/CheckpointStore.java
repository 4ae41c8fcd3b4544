// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Where everything about a run lies that must outlive a process: checkpoints, the record of its batches, its attempts. All
 * of it is objects that never change; those of a checkpoint have its step and the first digits of its weights' digest in
 * their names, {@code <incarnation>/step-<n>-<digest>.safetensors}, so that a writer that was replaced without knowing it
 * cannot touch what its successor wrote. Any number of readers, of which none ever sees half an object. Thread-safe.
 *
 * <p>{@code incarnation} is {@link io.millrace.contracts.event.RunSpec#incarnation()}.
 */
public interface CheckpointStore {
    /**
     * Makes the store where it is not there yet, and tries whether it can be written.
     *
     * @throws IOException when it cannot
     */
    void requireWritable() throws IOException;

    /** How much room there is; empty where there is no end to it. */
    Optional<Space> space() throws IOException;

    /**
     * Opens a run for writing, at its newest checkpoint whose weights and state are both whole. What is above that can not
     * be gone on from any more: states, records of batches and half-written objects above it are removed, so that the next
     * opening finds what was written after this one. Weights stay, they may have been announced.
     *
     * @throws io.millrace.model.RefusedRequestException when it was {@linkplain StoredRuns#retire retired}
     * @throws IOException when the store cannot be listed or written, or when no checkpoint can be read and one of them
     *     for a reason that may pass; nothing is removed then
     */
    Opening open(String incarnation) throws IOException;

    /**
     * Writes a checkpoint durably: batches, state, and at last the weights, which make it visible. Writing it again, after
     * a failure or by another process, changes nothing.
     *
     * @param state whose {@link TrainingState#weightsSha256()} is set by the store
     * @param batches the record of what was trained since the checkpoint before: a line a step, beginning with the step
     *     and a space, each with its line end
     * @return what is to be announced; it survives a loss of power
     * @throws IOException when it could not be written
     */
    CheckpointRef write(CheckpointMetadata metadata, List<Tensor> weights, TrainingState state, String batches)
            throws IOException;

    /**
     * Writes durably the average that lies beside a checkpoint, which is there already: whoever dies in between goes on
     * from that one, and finds the average in its state. It is read and deleted like any other checkpoint, and nobody
     * resumes from it. Writing it again changes nothing.
     *
     * @param raw the checkpoint, as {@link #write} gave it
     * @param metadata of it
     * @param decay of the average
     * @param weights averaged parameters, and the checkpoint's statistics
     * @return what is to be announced; it survives a loss of power
     * @throws IOException when it could not be written
     */
    CheckpointRef writeAverage(CheckpointRef raw, CheckpointMetadata metadata, double decay, List<Tensor> weights)
            throws IOException;

    /**
     * Reads the weights of a checkpoint.
     *
     * @throws CorruptCheckpointException when they are missing, or are not the ones that were announced
     * @throws IllegalArgumentException when the uri leads out of the store
     */
    Checkpoint read(CheckpointRef ref) throws IOException;

    /**
     * Reads weights of which nothing is known but what {@link #list} says.
     *
     * @throws CorruptCheckpointException when they are gone, or their digest does not begin as their name says
     */
    Found read(StoredCheckpoint stored) throws IOException;

    /**
     * What training went on from beside weights, for whoever only looks: nothing is removed.
     *
     * @return empty where it is not kept any more, and of an average, from which nobody goes on
     * @throws CorruptCheckpointException when it is not what was written, or of other weights
     */
    Optional<TrainingState> state(Found weights) throws IOException;

    /** The weights of a run and their averages, by step, the lowest first. */
    List<StoredCheckpoint> list(String incarnation) throws IOException;

    /** The record of the batches that a run was trained on, a line a step, see {@link #write}. */
    List<String> batches(String incarnation) throws IOException;

    /**
     * Removes the states of all but a run's newest checkpoints: nobody resumes from those any more. Their weights stay.
     *
     * @param keep how many states stay, at least 1
     */
    void pruneStates(String incarnation, int keep) throws IOException;

    /** Removes a checkpoint's weights and state, or an average alone. Those that are gone already are no error. */
    void delete(CheckpointRef ref) throws IOException;

    /**
     * Notes something that belongs to no run.
     *
     * @param about what it is about, a name
     * @param json stays as it is
     */
    void note(String about, ByteBuffer json) throws IOException;

    /** All that was noted about something, and is whole; in the same order for everybody. */
    List<ByteBuffer> notes(String about) throws IOException;

    /**
     * Notes that a process is about to train a run from a step on. Whatever it dies of, even unheard, the next one finds
     * this note; {@link #clearAttempts} takes it back.
     *
     * @return how often that was noted in a row for this step, this time included, and what the attempt before died of
     */
    default Attempts noteAttempt(String incarnation, long step) throws IOException {
        return noteAttempt(incarnation, 0, step);
    }

    /**
     * As {@link #noteAttempt(String, long)}, of a replica of a run in rounds; that of replica 0 is the run's.
     *
     * @param replica its number, from 0
     */
    Attempts noteAttempt(String incarnation, int replica, long step) throws IOException;

    /** Notes what the latest attempt dies of, for those that can say it. */
    default void noteDeath(String incarnation, String reason) throws IOException {
        noteDeath(incarnation, 0, reason);
    }

    /** As {@link #noteDeath(String, String)}, of a replica. */
    void noteDeath(String incarnation, int replica, String reason) throws IOException;

    /** The run came on, or was left in good order: earlier attempts do not count any more. */
    default void clearAttempts(String incarnation) throws IOException {
        clearAttempts(incarnation, 0);
    }

    /** As {@link #clearAttempts(String)}, of a replica. */
    void clearAttempts(String incarnation, int replica) throws IOException;

    /**
     * Attempts at a step.
     *
     * @param inARow how many, at least 1
     * @param reason what the one before the latest died of, as far as it could say; empty when it could not, or there was
     *     none
     */
    record Attempts(int inARow, Optional<String> reason) {}

    /** Weights, and how to know them again. */
    record Found(CheckpointRef ref, Checkpoint checkpoint) {}

    /**
     * A run that was opened.
     *
     * @param at where it goes on; empty when it begins
     * @param passedOver why each newer checkpoint was not taken, newest first
     */
    record Opening(Optional<ResumePoint> at, List<String> passedOver) {
        public Opening {
            passedOver = List.copyOf(passedOver);
        }
    }

    /**
     * Room.
     *
     * @param freeBytes that can be written yet
     * @param totalBytes in all
     */
    record Space(long freeBytes, long totalBytes) {}
}
