// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.ImageSet;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Gets a run's data set again, perhaps in another process than the one that started the run. A run whose data cannot be had
 * blocks those behind it: its place in the log is before theirs.
 */
final class RunData {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final RunRegistry registry;
    private final DatasetCatalog catalog;

    RunData(RunRegistry registry, DatasetCatalog catalog) {
        this.registry = registry;
        this.catalog = catalog;
    }

    /** Waits for the data, or until nobody wants the run any more: then it is empty. */
    Optional<ImageSet> obtain(RunSpec spec) throws InterruptedException {
        String said = null;
        while (registry.live(spec.runId())) {
            try {
                ImageSet set = obtain(spec.dataset());
                registry.blocked(spec.runId(), null);
                return Optional.of(set);
            } catch (TimeoutException e) {
                Log.debugf("The data set is being prepared. runId=%s", spec.runId());
            } catch (DatasetUnavailableException e) {
                if (!e.getMessage().equals(said)) {
                    said = e.getMessage();
                    Log.errorf("The run waits for its data set. runId=%s reason=\"%s\"", spec.runId(), said);
                    registry.blocked(spec.runId(), said);
                }
                registry.awaitChange(RETRY);
            }
        }
        return Optional.empty();
    }

    private ImageSet obtain(Dataset wanted) throws DatasetUnavailableException, TimeoutException, InterruptedException {
        if (!DatasetCatalog.NAMES.contains(wanted.name())) {
            throw new DatasetUnavailableException("this version knows no data set " + wanted.name()
                    + "; delete the run or use the version that started it");
        }
        ImageSet set = DatasetCatalog.await(
                catalog.request(wanted.name(), wanted.trainSamples(), wanted.testSamples()), PATIENCE);
        if (!set.info().digest().equals(wanted.digest())) {
            throw new DatasetUnavailableException(
                    "the data set " + wanted.name() + " is not the one that the run began with"
                            + " (digest " + set.info().digest() + ", expected " + wanted.digest()
                            + "); restart with the former data directory or seed, or delete the run");
        }
        return set;
    }
}
