// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What dataset-service is told to run at its start. Options that were not given are left to it.
 *
 * @param runId the id that the run is to have; the same after a restart, which then goes on with it
 * @param recipe name of the recipe
 * @param dataset name of the data set
 * @param fallback name of the data set to take when the first cannot be had
 * @param dataDir where the data set's files lie
 * @param epochs overrides the recipe's
 * @param batchSize overrides the recipe's
 * @param seed of everything that is random
 * @param precision overrides the recipe's
 */
public record RunOrder(
        String runId,
        String recipe,
        String dataset,
        Optional<String> fallback,
        Optional<Path> dataDir,
        Optional<Integer> epochs,
        Optional<Integer> batchSize,
        Optional<Long> seed,
        Optional<String> precision) {

    /** The same, under another id. */
    RunOrder withId(String id) {
        return new RunOrder(id, recipe, dataset, fallback, dataDir, epochs, batchSize, seed, precision);
    }

    /** As configuration of dataset-service. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("millrace.dataset.run.enabled", "true");
        settings.put("millrace.dataset.run.id", runId);
        settings.put("millrace.dataset.run.recipe", recipe);
        settings.put("millrace.dataset.run.dataset", dataset);
        put(settings, "millrace.dataset.run.fallback", fallback);
        put(settings, "millrace.dataset.data-dir", dataDir.map(Path::toAbsolutePath));
        put(settings, "millrace.dataset.run.epochs", epochs);
        put(settings, "millrace.dataset.run.batch-size", batchSize);
        put(settings, "millrace.dataset.run.seed", seed);
        put(settings, "millrace.dataset.run.precision", precision);
        return settings;
    }

    private static void put(Map<String, String> settings, String key, Optional<?> value) {
        value.ifPresent(present -> settings.put(key, present.toString()));
    }
}
