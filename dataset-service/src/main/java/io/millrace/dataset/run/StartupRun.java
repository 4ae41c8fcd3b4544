// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Starts the run by configuration, once: a run with its id in the log, even a deleted one, means that this was done. So a
 * restart starts nothing, a changed configuration starts a new run, and the same run is repeated by giving it an id.
 */
@Singleton
class StartupRun {
    private static final Duration BROKER_RETRY = Duration.ofSeconds(2);
    private static final Duration REPLAY_POLL = Duration.ofMillis(50);
    private static final Duration FOREVER = Duration.ofDays(365);

    private final ConfiguredRun run;
    private final boolean enabled;
    private final boolean first;
    private final Duration retryAfter;
    private final Runs runs;
    private final RunEvents events;
    private final RunRegistry registry;
    private final Thread thread = new Thread(this::start, "startup-run");
    private volatile boolean settled;
    /** Why it failed, as it was told last. Of the thread alone. */
    private String told;

    StartupRun(DatasetConfig config, Runs runs, RunEvents events, RunRegistry registry) {
        this.run = new ConfiguredRun(config);
        this.enabled = config.run().enabled();
        this.first = config.run().first();
        this.retryAfter = config.retryAfter();
        this.runs = runs;
        this.events = events;
        this.registry = registry;
    }

    /** Whether there is nothing more to do or to wait for. */
    boolean settled() {
        return settled;
    }

    /** A configuration that cannot work stops the service at once, naming key and value. */
    void onStart(@Observes StartupEvent event) {
        if (!enabled) {
            settled = true;
            return;
        }
        run.check(runs::check);
        thread.setDaemon(true);
        thread.start();
    }

    void onStop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    private void start() {
        runs.request(run.order(run.dataset())); // fetched while the broker is still being waited for
        try {
            while (!events.isReplayed()) {
                registry.awaitChange(registry.version(), REPLAY_POLL);
            }
            while (!settled) {
                settled = attempt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it is decided: the run is in the log, or it cannot be started. */
    private boolean attempt() throws InterruptedException {
        Optional<String> found = run.ids().stream().filter(registry::known).findFirst();
        if (found.isPresent()) {
            Log.infof("The run by configuration is in the log; nothing new is started. runId=%s", found.get());
            return true;
        }
        try {
            return attempt(run.dataset());
        } catch (DatasetUnavailableException e) {
            return run.fallback().isPresent()
                    ? fallBack(run.fallback().get(), e.getMessage())
                    : later(run.dataset(), e.getMessage());
        }
    }

    private boolean fallBack(String fallback, String reason) throws InterruptedException {
        if (told == null) {
            Log.warnf(
                    "The data set %s is unavailable, so the run trains on %s instead. runId=%s reason=\"%s\"",
                    run.dataset(), fallback, run.id(fallback), reason);
        }
        try {
            return attempt(fallback);
        } catch (DatasetUnavailableException e) {
            return later(fallback, e.getMessage());
        }
    }

    private boolean attempt(String dataset) throws DatasetUnavailableException, InterruptedException {
        RunOrder order = run.order(dataset);
        try {
            DataSource data = DatasetCatalog.await(runs.request(order), FOREVER);
            if (!givenUp()) {
                runs.start(run.id(dataset), first ? order.before(registry.live()) : order, data);
                registry.startupMended();
            }
            return true;
        } catch (TimeoutException e) {
            throw new DatasetUnavailableException("the data set is not ready after " + FOREVER, e);
        } catch (RefusedFieldException e) {
            fail(dataset, e.getMessage());
            return true;
        } catch (RunRefusedException e) {
            return refused(dataset, e);
        }
    }

    /** A broker that went away is waited for; anything else that is refused will not mend itself. */
    private boolean refused(String dataset, RunRefusedException e) throws InterruptedException {
        if (e.passing()) {
            registry.awaitChange(registry.version(), BROKER_RETRY);
            return false;
        }
        fail(dataset, e.getMessage());
        return true;
    }

    /** Data that cannot be had now may be had later: until then the run counts as failed, or it is given up. */
    private boolean later(String dataset, String reason) throws InterruptedException {
        if (givenUp()) {
            return true;
        }
        fail(dataset, reason);
        return registry.await(() -> !registry.isStartupFailed(), retryAfter);
    }

    /** Whether the failed run was deleted. */
    private boolean givenUp() {
        return told != null && !registry.isStartupFailed();
    }

    private void fail(String dataset, String reason) {
        if (!reason.equals(told)) {
            Log.errorf("The run by configuration cannot be started. runId=%s reason=\"%s\"", run.id(dataset), reason);
            told = reason;
        }
        registry.startupFailed(run.id(dataset), reason);
    }
}
