// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Start;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.TeamsConfig;
import io.millrace.dataset.run.RunOrder.StrokesSize;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.ValidationSplit;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Starts runs. A call returns when the log has the run and this service has read it there. Thread-safe. */
@Singleton
class Runs {
    /** What a removed run left is gone in a moment, unless the broker is not to be had. */
    private static final Duration CLEARING = Duration.ofSeconds(10);

    private static final int CONFLICT = 409;
    private static final String PLAN = "plan";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final DatasetConfig config;
    private final TeamsConfig teams;
    private final LogLimits limits;
    private final DatasetCatalog catalog;
    private final RunEvents events;
    private final RunRegistry registry;
    /** Ids of the runs that are being started. */
    private final Set<String> starting = ConcurrentHashMap.newKeySet();

    Runs(DatasetConfig config, TeamsConfig teams, DatasetCatalog catalog, RunEvents events, RunRegistry registry) {
        this.config = config;
        this.teams = teams;
        this.limits = LogLimits.of(config);
        this.catalog = catalog;
        this.events = events;
        this.registry = registry;
    }

    /**
     * A run that was started.
     *
     * @param spec the run
     * @param notes what is otherwise than was asked for, and why
     */
    record Started(RunSpec spec, List<String> notes) {}

    /**
     * Starts a run.
     *
     * @param order what is asked for
     * @param patience how long to wait for the data set
     * @throws io.millrace.contracts.event.RefusedFieldException when the order will not do
     * @throws RunRefusedException when there is such a run, or the broker or the data set is not to be had now
     */
    Started start(RunOrder order, Duration patience) throws InterruptedException {
        check(order);
        events.requireReady();
        refuseExisting(order.runId());
        DataSource data = data(order, patience);
        return start(order.runId() == null ? newId(data.info().name()) : order.runId(), order, data);
    }

    /** The same as far as it can be said without starting it. */
    Plans.Plan plan(RunOrder order, Duration patience) throws InterruptedException {
        Recipe recipe = check(order);
        DataSource data = data(order, patience);
        Dataset info = divided(order, recipe, data);
        return new Plans.Plan(RunRules.spec(PLAN, Instant.now(), order, recipe, info, config.encoding()), data);
    }

    private DataSource data(RunOrder order, Duration patience) throws InterruptedException {
        try {
            return DatasetCatalog.await(request(order), patience);
        } catch (DatasetUnavailableException e) {
            throw RunRefusedException.passing(
                    "the data set " + RunRules.dataset(order) + " is unavailable: " + e.getMessage());
        } catch (java.util.concurrent.TimeoutException e) {
            throw RunRefusedException.passing("the data set " + RunRules.dataset(order) + " is still being prepared");
        }
    }

    private String newId(String dataset) {
        String id;
        do {
            id = "%s-%s-%04x"
                    .formatted(
                            dataset,
                            TIME.format(Instant.now()),
                            ThreadLocalRandom.current().nextInt(1 << 16));
        } while (registry.known(id));
        return id;
    }

    /** Starts a run under an id, on data that is there. */
    Started start(String runId, RunOrder order, DataSource data) throws InterruptedException {
        if (!starting.add(runId)) {
            throw conflict(runId);
        }
        try {
            refuseExisting(runId);
            return announce(runId, order, data);
        } finally {
            starting.remove(runId);
        }
    }

    private void refuseExisting(String runId) throws InterruptedException {
        if (runId != null && registry.exists(runId)) {
            throw conflict(runId);
        }
        if (!registry.await(
                () -> registry.leftovers().stream().noneMatch(run -> run.runId().equals(runId)), CLEARING)) {
            throw RunRefusedException.passing("what an earlier run \"" + runId + "\" left is still being deleted");
        }
    }

    /** Refuses a checkpoint that was removed with its run, or that nobody has heard of. */
    private void requireThere(Start start) {
        if (start == null || start.kind() != Start.Kind.CHECKPOINT) {
            return;
        }
        if (registry.isGone(start.incarnation())) {
            throw new RefusedFieldException(
                    "weights", start.weights(), "a checkpoint that there is: the run of this one was removed");
        }
        if (!registry.isAnnounced(start.weights())) {
            throw new RefusedFieldException("weights", start.weights(), registry.otherCheckpoint());
        }
    }

    private Started announce(String runId, RunOrder order, DataSource data) throws InterruptedException {
        Recipe recipe = check(order);
        Instant now = createdAt(runId);
        Dataset info = divided(order, recipe, data);
        RunSpec asked = RunRules.spec(runId, now, order, recipe, info, config.encoding());
        Optional<Integer> nearer = limits.nearerCheckpoints(asked);
        Recipe fitting = nearer.map(recipe::withCheckpointEverySteps).orElse(recipe);
        RunSpec spec = RunRules.spec(runId, now, order, fitting, info, config.encoding())
                .withFormerly(registry.removed(runId));
        requireThere(spec.start());
        List<String> notes =
                nearer.map(steps -> limits.note(asked, steps)).stream().toList();
        events.ordered(spec);
        registry.settle(() -> registry.isNow(spec));
        Log.infof(
                "Run started. runId=%s dataset=%s recipe=%s epochs=%d batchSize=%d shards=%d steps=%d seed=%d",
                runId,
                data.info().name(),
                spec.recipe().name(),
                spec.recipe().epochs(),
                spec.recipe().batchSize(),
                spec.shards(),
                spec.steps(),
                spec.seed());
        notes.forEach(note -> Log.infof("%s. runId=%s", note, runId));
        return new Started(spec, notes);
    }

    /** The data set of a run, with what its recipe sets apart. */
    private Dataset divided(RunOrder order, Recipe recipe, DataSource data) {
        if (recipe.validation() == 0) {
            return data.info();
        }
        ValidationSplit split = ValidationSplit.of(data, recipe.validation(), RunRules.seed(order));
        return data.info().with(split.info(data.info(), config.encoding()));
    }

    /** Now, but after every earlier run of the id: it tells them apart. */
    private Instant createdAt(String runId) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Instant least = registry.createdAt(runId).orElse(Instant.EPOCH).plusMillis(1);
        return now.isBefore(least) ? least : now;
    }

    /**
     * Checks everything about an order that does not depend on the data.
     *
     * @return the whole recipe
     * @throws io.millrace.contracts.event.RefusedFieldException naming field, value and remedy
     */
    Recipe check(RunOrder order) {
        RunRules.known(order, catalog.names());
        RunRules.team(order, teams.teams().keySet());
        Recipe recipe = RunRules.check(order);
        if (DatasetCatalog.isDrawn(RunRules.dataset(order))) {
            RunRules.fits(size(order), DatasetCatalog.strokesThatFit());
        }
        return recipe;
    }

    /** Starts to prepare what an order needs. */
    CompletableFuture<DataSource> request(RunOrder order) {
        StrokesSize size = size(order);
        return catalog.request(RunRules.dataset(order), size.trainSamples(), size.testSamples());
    }

    /** Whether what an order needs has been prepared. */
    boolean isThere(RunOrder order) {
        StrokesSize size = size(order);
        return catalog.isThere(RunRules.dataset(order), size.trainSamples(), size.testSamples());
    }

    private StrokesSize size(RunOrder order) {
        StrokesSize size = order.strokes() == null ? new StrokesSize(null, null) : order.strokes();
        return new StrokesSize(
                size.trainSamples() == null ? config.strokes().trainSamples() : size.trainSamples(),
                size.testSamples() == null ? config.strokes().testSamples() : size.testSamples());
    }

    private static RunRefusedException conflict(String runId) {
        return new RunRefusedException(
                CONFLICT,
                "there is a run \"" + runId + "\" already; GET /runs/" + runId + " shows it",
                "another runId, or remove that run first (DELETE /runs/" + runId + ")");
    }
}
