// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.ImageSet;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * The run by configuration. It is started once: a run with its id in the log, even a deleted one, means that this was
 * done. Without a configured id, the id is a digest of the run's configuration, so a restart starts nothing, a changed
 * configuration starts a new run, and the same run is repeated by giving it an id.
 */
@Singleton
class StartupRun {
    private static final String PREFIX = "millrace.dataset.run.";
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,99}");
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Duration FOREVER = Duration.ofDays(365);

    private final DatasetConfig.Run config;
    private final DatasetConfig.Strokes strokes;
    private final Runs runs;
    private final RunRegistry registry;
    private final Thread thread = new Thread(this::start, "startup-run");
    private volatile boolean settled;

    StartupRun(DatasetConfig config, Runs runs, RunRegistry registry) {
        this.config = config.run();
        this.strokes = config.strokes();
        this.runs = runs;
        this.registry = registry;
    }

    /** Whether there is nothing more to do or to wait for. */
    boolean settled() {
        return settled;
    }

    void onStart(@Observes StartupEvent event) {
        if (!config.enabled()) {
            settled = true;
            return;
        }
        check();
        thread.setDaemon(true);
        thread.start();
    }

    void onStop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    /** A configuration that cannot work stops the service at once, naming key and value. */
    private void check() {
        config.id().filter(id -> !ID.matcher(id).matches()).ifPresent(id -> {
            throw refused("id", id, "lower-case letters, digits and '-', at most 100");
        });
        check("dataset", config.dataset());
        config.fallback().ifPresent(fallback -> check("fallback", fallback));
    }

    private void check(String key, String dataset) {
        try {
            runs.check(order(dataset));
        } catch (RunRefusedException e) {
            throw refused(e.field().equals("dataset") ? key : kebab(e.field()), e.value(), e.remedy());
        }
    }

    private static IllegalArgumentException refused(String key, String value, String remedy) {
        // The size of the drawn set is no value of the run alone.
        String prefix = key.startsWith("strokes.") ? "millrace.dataset." : PREFIX;
        return new IllegalArgumentException(
                prefix + key + "=" + value.replace("\"", "") + " will not do; it must be " + remedy);
    }

    private void start() {
        RunOrder order = order(config.dataset());
        runs.request(order); // fetched while the broker is still being waited for
        try {
            registry.await(registry::isReplayed, FOREVER);
            while (!settled) {
                settled = attempt(order);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it is decided: the run is in the log, or it cannot be started. */
    private boolean attempt(RunOrder order) throws InterruptedException {
        if (registry.known(runId(config.dataset()))
                || config.fallback().map(this::runId).filter(registry::known).isPresent()) {
            Log.infof(
                    "The run by configuration is in the log; nothing new is started. runId=%s",
                    runId(config.dataset()));
            return true;
        }
        try {
            runs.start(runId(config.dataset()), order, await(order));
        } catch (DatasetUnavailableException e) {
            if (config.fallback().isPresent()) {
                return fallBack(config.fallback().get(), e.getMessage());
            }
            fail(config.dataset(), e.getMessage());
        } catch (RunRefusedException e) {
            return refused(config.dataset(), e);
        }
        return true;
    }

    private boolean fallBack(String fallback, String reason) throws InterruptedException {
        Log.warnf(
                "The data set %s is unavailable, so the run trains on %s instead. runId=%s reason=\"%s\"",
                config.dataset(), fallback, runId(fallback), reason);
        RunOrder order = order(fallback);
        try {
            runs.start(runId(fallback), order, await(order));
        } catch (DatasetUnavailableException e) {
            fail(fallback, e.getMessage());
        } catch (RunRefusedException e) {
            return refused(fallback, e);
        }
        return true;
    }

    /** A broker that went away is waited for; anything else will not mend itself. */
    private boolean refused(String dataset, RunRefusedException e) throws InterruptedException {
        if (e.passing()) {
            registry.awaitChange(RETRY);
            return false;
        }
        fail(dataset, e.getMessage());
        return true;
    }

    private ImageSet await(RunOrder order) throws DatasetUnavailableException, InterruptedException {
        try {
            return DatasetCatalog.await(runs.request(order), FOREVER);
        } catch (TimeoutException e) {
            throw new DatasetUnavailableException("the data set is not ready after " + FOREVER, e);
        }
    }

    private void fail(String dataset, String reason) {
        Log.errorf("The run by configuration cannot be started. runId=%s reason=\"%s\"", runId(dataset), reason);
        registry.startupFailed(runId(dataset), reason);
    }

    private RunOrder order(String dataset) {
        return RunOrderReader.read(fields(dataset));
    }

    private Map<String, Object> fields(String dataset) {
        Map<String, Object> fields = new TreeMap<>(Map.of("dataset", dataset, "recipe", config.recipe()));
        if (DatasetCatalog.isDrawn(dataset)) {
            fields.put(
                    "strokes",
                    new TreeMap<>(
                            Map.of("trainSamples", strokes.trainSamples(), "testSamples", strokes.testSamples())));
        }
        config.epochs().ifPresent(value -> fields.put("epochs", value));
        config.batchSize().ifPresent(value -> fields.put("batchSize", value));
        config.seed().ifPresent(value -> fields.put("seed", value));
        config.precision().ifPresent(value -> fields.put("precision", value));
        config.stem().ifPresent(value -> fields.put("stem", value));
        config.model().ifPresent(value -> fields.put("model", value));
        config.shards().ifPresent(value -> fields.put("shards", value));
        config.learningRate().ifPresent(value -> fields.put("learningRate", value));
        config.shift().ifPresent(value -> fields.put("shift", value));
        config.checkpointEverySteps().ifPresent(value -> fields.put("checkpointEverySteps", value));
        return fields;
    }

    private String runId(String dataset) {
        String derived = UUID.nameUUIDFromBytes(fields(dataset).toString().getBytes(UTF_8))
                .toString();
        return config.id().orElse(dataset + "-" + config.recipe() + "-" + derived.substring(0, 8));
    }

    private static String kebab(String field) {
        return field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
