// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What is known of the runs: the topics' records, applied in their order, and how much of each run is published. Records
 * that come a second time change nothing, so a replay and a live channel can both feed it. Thread-safe.
 */
@Singleton
public class RunRegistry {
    private final Map<String, RunSpec> specs = new LinkedHashMap<>();
    private final Map<String, Boolean> deleted = new HashMap<>();
    private final Map<String, RunStatus> statuses = new HashMap<>();
    private final Map<String, Long> publishedSteps = new HashMap<>();
    private final Map<String, String> blocked = new HashMap<>();
    private RunView startupFailure;
    private long nextRun;
    private long nextStatus;
    private boolean replayed;

    /** Applies a record of {@code millrace.runs.v1}; no spec: the run was deleted. */
    public synchronized void run(String runId, RunSpec spec, long offset) {
        if (offset >= nextRun) {
            nextRun = offset + 1;
            deleted.put(runId, spec == null);
            if (startupFailure != null && startupFailure.runId().equals(runId)) {
                startupFailure = null;
            }
            if (spec != null) {
                specs.putIfAbsent(runId, spec);
            }
            notifyAll();
        }
    }

    /** Applies a record of {@code millrace.run-status.v1}; no status: it was deleted. */
    public synchronized void status(String runId, RunStatus status, long offset) {
        if (offset >= nextStatus) {
            nextStatus = offset + 1;
            if (status == null) {
                statuses.remove(runId);
            } else {
                statuses.put(runId, status);
            }
            notifyAll();
        }
    }

    /**
     * The topics end there. When records beyond that have been applied, the topics are not those that they came from: they
     * were deleted, or restored from an older state. Then all that is known is forgotten.
     *
     * @return whether it was forgotten
     */
    public synchronized boolean ends(long runs, long runStatus) {
        if (nextRun <= runs && nextStatus <= runStatus) {
            return false;
        }
        specs.clear();
        deleted.clear();
        statuses.clear();
        publishedSteps.clear();
        blocked.clear();
        nextRun = 0;
        nextStatus = 0;
        replayed = false;
        notifyAll();
        return true;
    }

    /** The log says how many steps of each run are published; all topics have been replayed. */
    public synchronized void replayed(Map<String, Long> steps) {
        publishedSteps.clear();
        publishedSteps.putAll(steps);
        replayed = true;
        notifyAll();
    }

    /** So many steps of a run are published now. */
    public synchronized void published(String runId, long steps) {
        publishedSteps.put(runId, steps);
        notifyAll();
    }

    /** A run cannot go on; a reason of null: it can. */
    public synchronized void blocked(String runId, String reason) {
        if (reason == null) {
            blocked.remove(runId);
        } else {
            blocked.put(runId, reason);
        }
    }

    /** The run by configuration could not be started. */
    synchronized void startupFailed(String runId, String reason) {
        startupFailure = new RunView(runId, RunView.State.FAILED, reason, 0, 0, null, null);
    }

    /** It could be started after all, or nobody wants it any more. */
    synchronized void startupMended() {
        startupFailure = null;
        notifyAll();
    }

    synchronized boolean isStartupFailed() {
        return startupFailure != null;
    }

    /** Why something needs attention: the start-up run failed, or a run is blocked. */
    synchronized Optional<String> trouble() {
        return startupFailure == null
                ? blocked.keySet().stream().filter(this::live).map(blocked::get).findFirst()
                : Optional.of(startupFailure.reason());
    }

    /** Whether the topics have been replayed once. */
    public synchronized boolean isReplayed() {
        return replayed;
    }

    /** Whether a run was ever started, deleted or not. */
    synchronized boolean known(String runId) {
        return deleted.containsKey(runId);
    }

    /** All runs, in the order of the topic, deleted ones too. */
    public synchronized List<RunSpec> all() {
        return List.copyOf(specs.values());
    }

    /** Whether batches of a run are still wanted: it is neither deleted nor ended. */
    public synchronized boolean live(String runId) {
        RunStatus status = statuses.get(runId);
        return specs.containsKey(runId) && !deleted.get(runId) && (status == null || !status.ended());
    }

    /** The first run that is not published as a whole. */
    public synchronized Optional<RunSpec> next() {
        return specs.values().stream()
                .filter(spec -> live(spec.runId()) && steps(spec) < spec.steps())
                .findFirst();
    }

    /** How many steps of a run are published. */
    public synchronized long steps(RunSpec spec) {
        return publishedSteps.getOrDefault(spec.runId(), 0L);
    }

    /** Waits until something changes, but not longer than a time. */
    public synchronized void awaitChange(Duration longest) throws InterruptedException {
        wait(longest.toMillis());
    }

    /** Waits until a condition on this registry holds; false when it did not within a time. */
    synchronized boolean await(BooleanSupplier condition, Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        while (!condition.getAsBoolean()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /** All runs that are not deleted. */
    synchronized List<RunView> views() {
        List<RunView> views = new ArrayList<>();
        specs.values().stream()
                .filter(spec -> !deleted.get(spec.runId()))
                .map(this::view)
                .forEach(views::add);
        if (startupFailure != null) {
            views.add(startupFailure);
        }
        return views;
    }

    /** One run. */
    synchronized Optional<RunView> view(String runId) {
        return views().stream().filter(view -> view.runId().equals(runId)).findFirst();
    }

    private RunView view(RunSpec spec) {
        RunStatus status = statuses.get(spec.runId());
        String reason = status == null || status.reason() == null ? blocked.get(spec.runId()) : status.reason();
        return new RunView(
                spec.runId(),
                state(spec, status),
                reason,
                steps(spec) * spec.shards(),
                spec.steps() * spec.shards(),
                spec,
                status);
    }

    private RunView.State state(RunSpec spec, RunStatus status) {
        if (status != null) {
            return switch (status.state()) {
                case RUNNING -> RunView.State.RUNNING;
                case FINISHED -> RunView.State.FINISHED;
                case FAILED -> RunView.State.FAILED;
            };
        }
        if (blocked.containsKey(spec.runId())) {
            return RunView.State.BLOCKED;
        }
        long steps = steps(spec);
        if (steps == 0) {
            return RunView.State.QUEUED;
        }
        return steps < spec.steps() ? RunView.State.PUBLISHING : RunView.State.PUBLISHED;
    }
}
