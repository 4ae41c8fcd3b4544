// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Start;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The run that a stack starts with. What was not asked for is left to the services.
 *
 * @param runId the id that the run is to have; the same after a restart, which then goes on with it
 * @param recipe its name and the members that differ from the recipe of that name
 * @param network name of the network, or JSON that says what it is made of
 * @param stem its first layers
 * @param start what it starts from; empty: fresh weights
 * @param dataset name of the data set
 * @param fallback name of the data set to take when the first cannot be had
 * @param dataDir where the data set's files lie
 * @param seed of everything that is random
 * @param shards batches of one step
 * @param settings further configuration of all services by their own keys; it wins
 */
public record WantedRun(
        String runId,
        ObjectNode recipe,
        Optional<String> network,
        Optional<String> stem,
        Optional<Start> start,
        String dataset,
        Optional<String> fallback,
        Optional<Path> dataDir,
        Optional<Long> seed,
        Optional<Integer> shards,
        Map<String, String> settings) {
    public WantedRun {
        settings = Map.copyOf(settings);
    }

    /** The same, under another id. */
    WantedRun withId(String id) {
        return new WantedRun(id, recipe, network, stem, start, dataset, fallback, dataDir, seed, shards, settings);
    }

    /**
     * The name under which the run's checkpoints are promoted; empty where that depends on the data set that can be had.
     */
    public Optional<String> model() {
        return Optional.ofNullable(settings.get("millrace.dataset.run.model"))
                .or(() -> fallback.isEmpty() && !isFolder() ? Optional.of(dataset) : Optional.empty());
    }

    /** Whether it is found out what lies in the data directory, which then has a name of its own. */
    public boolean isFolder() {
        return "folder".equals(dataset);
    }

    /** As configuration of dataset-service, without the further settings. */
    Map<String, String> configuration() {
        Map<String, String> configuration = new LinkedHashMap<>();
        configuration.put("millrace.dataset.run.enabled", "true");
        configuration.put("millrace.dataset.run.id", runId);
        configuration.put("millrace.dataset.run.recipe", recipe.toString());
        network.ifPresent(wanted -> configuration.put("millrace.dataset.run.network", wanted));
        stem.ifPresent(wanted -> configuration.put("millrace.dataset.run.stem", wanted));
        start.ifPresent(from -> {
            configuration.put("millrace.dataset.run.weights", from.weights());
            if (from.sha256() != null) {
                configuration.put("millrace.dataset.run.sha256", from.sha256());
            }
        });
        configuration.put("millrace.dataset.run.dataset", dataset);
        fallback.ifPresent(other -> configuration.put("millrace.dataset.run.fallback", other));
        dataDir.ifPresent(files -> configuration.put(
                "millrace.dataset.data-dir", files.toAbsolutePath().toString()));
        seed.ifPresent(number -> configuration.put("millrace.dataset.run.seed", number.toString()));
        shards.ifPresent(count -> configuration.put("millrace.dataset.run.shards", count.toString()));
        return configuration;
    }
}
