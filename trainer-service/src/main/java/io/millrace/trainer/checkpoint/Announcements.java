// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.model.optimizer.Averaged;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is announced of the checkpoints of a run, which belongs into one transaction. Thread-safe if the store is. */
public final class Announcements {
    private final RunSpec run;
    private final CheckpointStore store;

    public Announcements(RunSpec run, CheckpointStore store) {
        this.run = run;
        this.store = store;
    }

    /**
     * The announcement of a checkpoint that is in the store; where the recipe asks for an average, that of the average; and
     * where the run has ended and early stopping kept another one, that one once more, as the result. An average is a
     * function of weights and state, so it is the same file whichever process writes it; it is in the store when this
     * returns.
     *
     * @param ref of the checkpoint
     * @throws IOException when the average could not be written; calling again is right
     */
    public List<CheckpointPublished> of(CheckpointRef ref, Checkpoint checkpoint, TrainingState state)
            throws IOException {
        List<CheckpointPublished> together = new ArrayList<>(List.of(announcement(
                ref, checkpoint, state, checkpoint.metadata().validated().orElse(null))));
        Optional<List<Tensor>> averaged = Averaged.weights(checkpoint.weights(), state.optimizer());
        if (averaged.isPresent()) {
            double decay = run.recipe().averaging().decay();
            CheckpointRef average = store.writeAverage(ref, checkpoint.metadata(), decay, averaged.get());
            // Nobody asked the validation split about these.
            together.add(announcement(average, checkpoint, state, null));
        }
        result(state).ifPresent(together::add);
        return together;
    }

    /** What is announced once more when the run has ended, as its result; empty where the last checkpoint is. */
    static Optional<CheckpointPublished> result(TrainingState state) {
        return Optional.ofNullable(state.best()).filter(best -> state.last()).map(best -> best.asFinal(true));
    }

    private CheckpointPublished announcement(
            CheckpointRef ref, Checkpoint checkpoint, TrainingState state, Validated validated) {
        return new CheckpointPublished(
                ref,
                run.model(),
                run.dataset().digest(),
                state.position(),
                checkpoint.metadata().compute(),
                state.last() && state.best() == null,
                validated);
    }
}
