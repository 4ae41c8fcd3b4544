// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.replay;

import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.model.optimizer.Averaged;
import io.millrace.trainer.checkpoint.Snapshot;
import io.millrace.trainer.training.Outlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Holds snapshots against what the store has of their steps, file by file: weights, the average, and the state beside
 * weights where it is kept. Not thread-safe.
 */
final class Comparison implements Outlet {
    private final CheckpointStore store;
    /** By step, what is to be compared. */
    private final TreeMap<Long, List<StoredCheckpoint>> files = new TreeMap<>();

    private final Consumer<String> say;
    private int identical;
    private int different;

    /**
     * @param files that are to be compared
     * @param say takes a line a file
     */
    Comparison(CheckpointStore store, List<StoredCheckpoint> files, Consumer<String> say) {
        this.store = store;
        this.say = say;
        files.forEach(file -> this.files
                .computeIfAbsent(file.step(), step -> new ArrayList<>())
                .add(file));
    }

    /** Files that are as they came out again. */
    int identical() {
        return identical;
    }

    /** Files that are not. */
    int different() {
        return different;
    }

    /** The last step that is to be compared. */
    long last() {
        return files.lastKey();
    }

    @Override
    public boolean wants(long step) {
        return files.containsKey(step);
    }

    @Override
    public void submit(Snapshot snapshot) {
        for (StoredCheckpoint file : files.getOrDefault(snapshot.position().step(), List.of())) {
            List<String> differences = new ArrayList<>();
            boolean withState = false;
            try {
                Found found = store.read(file);
                withState = compare(found, snapshot, differences);
            } catch (CorruptCheckpointException e) {
                differences.add("not what was written: " + e.getMessage());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            say(file, differences, withState);
        }
    }

    /** @return whether there was a state to be compared, too */
    private boolean compare(Found found, Snapshot snapshot, List<String> differences) throws IOException {
        Checkpoint stored = found.checkpoint();
        List<Tensor> weights = found.ref().averaged()
                ? Averaged.weights(snapshot.weights(), snapshot.optimizer()).orElse(List.of())
                : snapshot.weights();
        Difference.of(stored.weights(), weights).map(Difference::said).ifPresent(differences::add);
        long samples = snapshot.position().samples();
        if (stored.metadata().samples() != samples) {
            differences.add("trained on " + samples + " samples, the run on "
                    + stored.metadata().samples());
        }
        if (!stored.metadata().validation().equals(snapshot.validation())) {
            differences.add("the validation split said " + snapshot.validation() + ", in the run "
                    + stored.metadata().validation());
        }
        Optional<TrainingState> state = store.state(found);
        state.ifPresent(kept -> compare(kept, snapshot, differences));
        return state.isPresent();
    }

    private static void compare(TrainingState kept, Snapshot snapshot, List<String> differences) {
        Difference.of(kept.optimizer(), snapshot.optimizer())
                .map(difference -> "state: " + difference.said())
                .ifPresent(differences::add);
        if (!kept.position().batchesDigest().equals(snapshot.position().batchesDigest())) {
            differences.add("trained on other batches, or in another order: their digest is "
                    + snapshot.position().batchesDigest() + ", the run's "
                    + kept.position().batchesDigest());
        }
    }

    private void say(StoredCheckpoint file, List<String> differences, boolean withState) {
        boolean same = differences.isEmpty();
        identical += same ? 1 : 0;
        different += same ? 0 : 1;
        say.accept(String.format(
                Locale.ROOT,
                "step %7d  %-9s  %s%s",
                file.step(),
                same ? "identical" : "differs",
                file.uri().substring(file.uri().lastIndexOf('/') + 1),
                same ? withState ? ", and its state" : "" : "  " + String.join("; ", differences)));
    }

    @Override
    public boolean awaitIdle(Duration atMost) {
        return true;
    }

    @Override
    public void add(MetricPoint point) {
        // Nobody hears of it.
    }

    @Override
    public int announced() {
        return 0;
    }

    @Override
    public Optional<String> problem() {
        return Optional.empty();
    }
}
