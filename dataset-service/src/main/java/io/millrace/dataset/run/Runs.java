// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.Broker;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.run.RunOrder.StrokesSize;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.ImageSet;
import io.quarkus.logging.Log;
import io.smallrye.mutiny.TimeoutException;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.KafkaException;

/** Starts and deletes runs. A call returns when the log has it and this service has read it there. Thread-safe. */
@Singleton
class Runs {
    private static final Duration LOG_TIMEOUT = Duration.ofSeconds(10);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final DatasetConfig config;
    private final DatasetCatalog catalog;
    private final Broker broker;
    private final RunEvents events;
    private final RunRegistry registry;

    Runs(DatasetConfig config, DatasetCatalog catalog, Broker broker, RunEvents events, RunRegistry registry) {
        this.config = config;
        this.catalog = catalog;
        this.broker = broker;
        this.events = events;
        this.registry = registry;
    }

    /**
     * Starts a run.
     *
     * @param order what is asked for
     * @param patience how long to wait for the data set
     * @throws RunRefusedException when the order will not do, or the broker or the data set is not to be had now
     */
    RunSpec start(RunOrder order, Duration patience) throws InterruptedException {
        check(order);
        ready();
        ImageSet data;
        try {
            data = DatasetCatalog.await(request(order), patience);
        } catch (DatasetUnavailableException e) {
            throw unavailable(
                    "dataset", "the data set " + RunRules.dataset(order) + " is unavailable: " + e.getMessage());
        } catch (java.util.concurrent.TimeoutException e) {
            throw unavailable("dataset", "the data set " + RunRules.dataset(order) + " is still being prepared");
        }
        String suffix = "%s-%04x"
                .formatted(
                        TIME.format(Instant.now()), ThreadLocalRandom.current().nextInt(1 << 16));
        return start(data.info().name() + "-" + suffix, order, data);
    }

    /** Starts a run under an id, on data that is there. */
    RunSpec start(String runId, RunOrder order, ImageSet data) throws InterruptedException {
        Recipe recipe = check(order);
        RunSpec spec = RunRules.spec(runId, order, recipe, data.info(), config.encoding());
        try {
            events.started(spec);
        } catch (TimeoutException | KafkaException e) {
            throw unavailable(null, "Kafka did not confirm the run in time; look whether GET /runs has it");
        }
        settle(registry.await(() -> registry.known(runId), LOG_TIMEOUT));
        Log.infof(
                "Run started. runId=%s dataset=%s recipe=%s epochs=%d batchSize=%d shards=%d steps=%d seed=%d",
                runId,
                data.info().name(),
                recipe.name(),
                recipe.epochs(),
                recipe.batchSize(),
                spec.shards(),
                spec.steps(),
                spec.seed());
        return spec;
    }

    /** Deletes a run that there is. */
    void delete(String runId) throws InterruptedException {
        ready();
        try {
            events.deleted(runId);
        } catch (TimeoutException | KafkaException e) {
            throw unavailable(null, "Kafka did not confirm the deletion in time; look whether GET /runs still has it");
        }
        settle(registry.await(() -> registry.view(runId).isEmpty(), LOG_TIMEOUT));
        Log.infof("Run deleted. runId=%s", runId);
    }

    /**
     * Checks everything about an order that does not depend on the data.
     *
     * @return the recipe with all overrides
     * @throws RunRefusedException naming field, value and remedy
     */
    Recipe check(RunOrder order) {
        Recipe recipe = RunRules.check(order);
        if (DatasetCatalog.isDrawn(RunRules.dataset(order))) {
            RunRules.fits(size(order), DatasetCatalog.strokesThatFit());
        }
        return recipe;
    }

    /** Starts to prepare what an order needs. */
    CompletableFuture<ImageSet> request(RunOrder order) {
        StrokesSize size = size(order);
        return catalog.request(RunRules.dataset(order), size.trainSamples(), size.testSamples());
    }

    private StrokesSize size(RunOrder order) {
        StrokesSize size = order.strokes() == null ? new StrokesSize(null, null) : order.strokes();
        return new StrokesSize(
                size.trainSamples() == null ? config.strokes().trainSamples() : size.trainSamples(),
                size.testSamples() == null ? config.strokes().testSamples() : size.testSamples());
    }

    private void ready() {
        if (!broker.reachable() || !registry.isReplayed()) {
            throw unavailable(
                    null, "Kafka at " + broker.bootstrapServers() + " does not answer, or its log is still being read");
        }
    }

    private static void settle(boolean settled) {
        if (!settled) {
            throw unavailable(null, "it is in the log, but this service has not read it there yet; look at GET /runs");
        }
    }

    private static RunRefusedException unavailable(String field, String detail) {
        return RunRefusedException.detail(503, field, detail, "try again later");
    }
}
