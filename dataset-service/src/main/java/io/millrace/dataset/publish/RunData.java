// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.Decoders;
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
    private final Decoders decoders;
    /** By incarnation. */
    private final Map<String, Held> held = new HashMap<>();

    RunData(RunRegistry registry, DatasetCatalog catalog, Decoders decoders) {
        this.registry = registry;
        this.catalog = catalog;
        this.decoders = decoders;
    }

    /** What a run has been given or waits for. */
    private static final class Held {
        private final Dataset info;
        private final CompletableFuture<DataSource> set;
        private BatchMaker maker;

        private Held(Dataset info, CompletableFuture<DataSource> set) {
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

    private BatchMaker maker(RunSpec run, DataSource set) throws DatasetUnavailableException {
        Dataset.Validation wanted = run.dataset().validation();
        if (wanted == null) {
            return new BatchMaker(set, decoders, run.encoding());
        }
        ValidationSplit split = ValidationSplit.of(set, wanted.fraction(), run.seed());
        Dataset.Validation made = split.info(run.dataset(), run.encoding());
        if (!made.equals(wanted)) {
            throw new DatasetUnavailableException("the validation split is not the one that the run began with (" + made
                    + ", expected " + wanted + "); use the version that started the run, or delete it");
        }
        return new BatchMaker(set, decoders, run.encoding(), split);
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

    /** What a set takes of the heap. */
    private long bytes(Dataset set) {
        return !catalog.isOnHeap(set.name())
                ? 0
                : ((long) set.trainSamples() + set.testSamples()) * set.channels() * set.height() * set.width();
    }

    private CompletableFuture<DataSource> request(Dataset wanted) throws DatasetUnavailableException {
        if (!catalog.names().contains(wanted.name())) {
            throw new DatasetUnavailableException(
                    "there is no data set " + wanted.name()
                            + " here; restart with the data directory or the version that the run began with, or delete the run");
        }
        return catalog.request(wanted.name(), wanted.trainSamples(), wanted.testSamples());
    }

    private static DataSource same(Dataset wanted, CompletableFuture<DataSource> done)
            throws DatasetUnavailableException, InterruptedException {
        DataSource set;
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
