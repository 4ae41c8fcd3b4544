// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.model.RefusedRequestException;
import io.millrace.model.checkpoint.ObjectStorage.Listed;
import io.millrace.model.checkpoint.RunObjects.Kind;
import io.millrace.model.checkpoint.RunObjects.Named;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * What the runs of a {@link CheckpointStore} leave behind them, for the one service that deletes. Everything may be done
 * again, after a failure or by another process. Thread-safe.
 */
public final class StoredRuns {
    /** An object of this name says that a run cannot be gone on with any more. */
    private static final String RETIRED = "retired";

    /** In the name of what earlier versions set aside because it could not be read. */
    private static final String SET_ASIDE = ".aside";

    private final ObjectStorage storage;

    public StoredRuns(ObjectStorage storage) {
        this.storage = storage;
    }

    /** Those of a store in a directory. */
    public static StoredRuns in(Path root) {
        return new StoredRuns(new Directory(root));
    }

    /** @throws RefusedRequestException when a run was retired */
    static void requireNotRetired(ObjectStorage storage, String incarnation) throws IOException {
        if (isRetired(storage, incarnation)) {
            throw new RefusedRequestException(
                    "the run " + incarnation + " ended long ago, and what it could go on from is"
                            + " removed; order another run that starts from its checkpoint (weights), or raise"
                            + " millrace.evaluator.keep-runs for the next ones");
        }
    }

    private static boolean isRetired(ObjectStorage storage, String incarnation) throws IOException {
        return storage.list(incarnation).stream()
                .anyMatch(object -> object.name().equals(RETIRED));
    }

    /** The folders that there are: incarnations of runs, and what belongs to no run. */
    public List<String> folders() throws IOException {
        return storage.folders();
    }

    /**
     * Of a run that has ended: removes what it could go on from, states and the count of its attempts, and the record of
     * the batches behind the last weights that are there. From now on it cannot be opened. The weights stay, with the record
     * of the batches that they were trained on, by which they can be traced and recomputed.
     *
     * @return whether it was not retired before
     */
    public boolean retire(String incarnation) throws IOException {
        List<Named> all = RunObjects.list(storage, incarnation).all();
        if (all.isEmpty()) {
            return false;
        }
        // Said first: a trainer that comes meanwhile must not find half of it and begin anew.
        boolean news = !isRetired(storage, incarnation);
        if (news) {
            storage.put(incarnation + '/' + RETIRED, List.of());
        }
        long last = all.stream()
                .filter(object -> object.kind().announced())
                .mapToLong(Named::step)
                .max()
                .orElse(0);
        for (Named object : all) {
            if (object.kind() == Kind.STATE || object.kind() == Kind.BATCHES && object.step() > last) {
                storage.delete(object.key());
            }
        }
        new RunAttempts(storage).clear(incarnation);
        return news;
    }

    /**
     * Removes everything of a run.
     *
     * @param except addresses of weights that are needed elsewhere, and stay
     * @return whether there was something to remove
     */
    public boolean remove(String incarnation, Collection<String> except) throws IOException {
        boolean found = false;
        for (Listed object : storage.list(incarnation)) {
            String key = incarnation + '/' + object.name();
            if (!except.contains(key)) {
                storage.delete(key);
                found = true;
            }
        }
        storage.sweep(incarnation, Instant.MAX);
        return found;
    }

    /**
     * Removes what nobody means any more: half-written files, and what earlier versions set aside.
     *
     * @param before only what was written before then
     * @param orphan whether weights of an address are nobody's, too
     */
    public void sweep(String folder, Instant before, Predicate<String> orphan) throws IOException {
        for (Listed object : storage.list(folder)) {
            String key = folder + '/' + object.name();
            boolean weights =
                    RunObjects.kind(object.name()).filter(Kind::announced).isPresent();
            if (object.written().isBefore(before)
                    && (object.name().contains(SET_ASIDE) || weights && orphan.test(key))) {
                storage.delete(key);
            }
        }
        storage.sweep(folder, before);
    }
}
