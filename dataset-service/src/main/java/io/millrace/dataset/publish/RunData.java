// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.ImageSet;
import io.millrace.dataset.source.ValidationSplit;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/**
 * The data sets of the runs that are being published, got again, perhaps in another process than the one that started a run.
 * They have a part of the memory; a run whose set does not fit beside the others' waits until one of those pauses. Not
 * thread-safe.
 */
final class RunData {
    private static final int PART_OF_MEMORY = 4;

    private final RunRegistry registry;
    private final DatasetCatalog catalog;
    /** By incarnation. */
    private final Map<String, Held> held = new HashMap<>();

    RunData(RunRegistry registry, DatasetCatalog catalog) {
        this.registry = registry;
        this.catalog = catalog;
    }

    /** What a run has been given or waits for. */
    private static final class Held {
        private final Dataset info;
        private final CompletableFuture<ImageSet> set;
        private BatchMaker maker;

        private Held(Dataset info, CompletableFuture<ImageSet> set) {
            this.info = info;
            this.set = set;
        }
    }

    /**
     * What makes the batches of a run; empty while its data set is prepared or has no room.
     *
     * @throws DatasetUnavailableException when it cannot be had, or is not the one that the run began with
     */
    Optional<BatchMaker> maker(RunSpec run) throws DatasetUnavailableException, InterruptedException {
        Held mine = held.get(run.incarnation());
        if (mine == null) {
            if (!hasRoom(run.dataset())) {
                return Optional.empty();
            }
            mine = new Held(run.dataset(), request(run.dataset()));
            held.put(run.incarnation(), mine);
            mine.set.whenComplete((set, failure) -> registry.wake());
        }
        if (mine.maker == null && mine.set.isDone()) {
            try {
                mine.maker = maker(run, same(run.dataset(), mine.set));
            } catch (DatasetUnavailableException e) {
                release(run);
                throw e;
            }
        }
        return Optional.ofNullable(mine.maker);
    }

    private static BatchMaker maker(RunSpec run, ImageSet set) throws DatasetUnavailableException {
        Dataset.Validation wanted = run.dataset().validation();
        if (wanted == null) {
            return new BatchMaker(set, run.encoding());
        }
        ValidationSplit split = ValidationSplit.of(set.train(), run.dataset().classes(), wanted.fraction(), run.seed());
        Dataset.Validation made = split.info(run.dataset(), run.encoding());
        if (!made.equals(wanted)) {
            throw new DatasetUnavailableException("the validation split is not the one that the run began with (" + made
                    + ", expected " + wanted + "); use the version that started the run, or delete it");
        }
        return new BatchMaker(set, run.encoding(), split);
    }

    /** A run needs its data set no more, or not now. */
    void release(RunSpec run) {
        held.remove(run.incarnation());
    }

    private boolean hasRoom(Dataset more) {
        Map<String, Long> bytes = new HashMap<>(Map.of(more.digest(), bytes(more)));
        held.values().forEach(other -> bytes.put(other.info.digest(), bytes(other.info)));
        long all = bytes.values().stream().mapToLong(Long::longValue).sum();
        return bytes.size() == 1 || all <= Runtime.getRuntime().maxMemory() / PART_OF_MEMORY;
    }

    private static long bytes(Dataset set) {
        return ((long) set.trainSamples() + set.testSamples()) * set.channels() * set.height() * set.width();
    }

    private CompletableFuture<ImageSet> request(Dataset wanted) throws DatasetUnavailableException {
        if (!DatasetCatalog.NAMES.contains(wanted.name())) {
            throw new DatasetUnavailableException("this version knows no data set " + wanted.name()
                    + "; delete the run or use the version that started it");
        }
        return catalog.request(wanted.name(), wanted.trainSamples(), wanted.testSamples());
    }

    private static ImageSet same(Dataset wanted, CompletableFuture<ImageSet> done)
            throws DatasetUnavailableException, InterruptedException {
        ImageSet set;
        try {
            set = DatasetCatalog.await(done, Duration.ZERO);
        } catch (TimeoutException e) {
            throw new IllegalStateException("a result that is done is there at once", e);
        }
        if (!set.info().digest().equals(wanted.digest())) {
            throw new DatasetUnavailableException(
                    "the data set " + wanted.name() + " is not the one that the run began with"
                            + " (digest " + set.info().digest() + ", expected " + wanted.digest()
                            + "); restart with the former data directory or seed, or delete the run");
        }
        return set;
    }
}
