// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.event.Start;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * What is known of the runs: what their topics say, how much of each is published, and what stands in the way.
 * Thread-safe.
 */
@Singleton
public class RunRegistry {
    /** The newest checkpoint, and the one that is resumed from where that cannot be read. */
    private static final int CHECKPOINTS = 2;

    private static final Duration LOG_TIMEOUT = Duration.ofSeconds(10);

    private final Map<String, RunSpec> specs = new LinkedHashMap<>();
    /** Runs of which this version cannot read what they are, and why. */
    private final Map<String, String> unreadable = new LinkedHashMap<>();

    private final Set<String> deleted = new HashSet<>();

    private final Map<String, RunStatus> statuses = new HashMap<>();
    /** By incarnation, as they were announced. */
    private final Map<String, List<Position>> checkpoints = new HashMap<>();
    /** Ids of all checkpoints, averages among them. */
    private final Set<String> announced = new HashSet<>();
    /** By incarnation. */
    private final Map<String, Long> publishedSteps = new HashMap<>();
    /** By incarnation. */
    private final Map<String, String> blocked = new HashMap<>();

    private RunView startupFailure;
    private String publishingProblem;
    private long version;
    private long deletions;

    /** Applies a record of {@code millrace.runs.v1}; no spec: the run was deleted by a version that had no word for it. */
    synchronized void run(String runId, RunSpec spec) {
        unreadable.remove(runId);
        if (startupFailure != null && startupFailure.runId().equals(runId)) {
            startupFailure = null;
        }
        if (spec == null || spec.removed()) {
            deleted.add(runId);
            deletions++;
            if (spec != null) {
                specs.put(runId, spec);
            }
        } else {
            RunSpec former = specs.get(runId);
            boolean another = former != null && !former.incarnation().equals(spec.incarnation());
            if (deleted.remove(runId) || another) {
                deletions++;
                // It stands where it was ordered again.
                specs.remove(runId);
            }
            specs.put(runId, spec);
        }
        changed();
    }

    /** A record of {@code millrace.runs.v1} is none that this version can read. What was there before it still holds. */
    synchronized void unreadable(String runId, String reason) {
        if (runId != null && (!specs.containsKey(runId) || deleted.contains(runId))) {
            unreadable.put(runId, "this version cannot read the run: " + reason);
            changed();
        }
    }

    /** Applies a record of {@code millrace.run-status.v1}; no status: it was deleted. */
    synchronized void status(String runId, RunStatus status) {
        if (status == null) {
            statuses.remove(runId);
        } else {
            statuses.put(runId, status);
        }
        changed();
    }

    /** Applies a record of {@code millrace.checkpoints.v1}, if it is a run's own; an average stands beside one that is. */
    synchronized void checkpoint(CheckpointPublished event) {
        String id = event.checkpoint().checkpointId();
        announced.add(id);
        String suffix = CheckpointRef.id("", event.position().step());
        if (id.endsWith(suffix)) {
            checkpoints.merge(
                    id.substring(0, id.length() - suffix.length()), List.of(event.position()), RunRegistry::newest);
            changed();
        }
    }

    /** A trainer that fell back to an earlier checkpoint makes the later ones again. */
    private static List<Position> newest(List<Position> before, List<Position> announced) {
        Position latest = announced.get(0);
        Stream<Position> earlier = before.stream().filter(other -> other.step() < latest.step());
        List<Position> all = Stream.concat(earlier, announced.stream()).toList();
        return all.subList(Math.max(0, all.size() - CHECKPOINTS), all.size());
    }

    /** The topic of the runs was made anew. */
    synchronized void runsCleared() {
        specs.clear();
        unreadable.clear();
        deleted.clear();
        changed();
    }

    /** The topic of the statuses was made anew. */
    synchronized void statusesCleared() {
        statuses.clear();
        changed();
    }

    /** The topic of the checkpoints was made anew. */
    synchronized void checkpointsCleared() {
        checkpoints.clear();
        announced.clear();
        changed();
    }

    /** So many steps of a run are published now. */
    public synchronized void published(RunSpec run, long steps) {
        publishedSteps.put(run.incarnation(), steps);
        changed();
    }

    /**
     * A run cannot go on; a reason of null: it can.
     *
     * @return whether that is news
     */
    public synchronized boolean blocked(RunSpec run, String reason) {
        String before = reason == null ? blocked.remove(run.incarnation()) : blocked.put(run.incarnation(), reason);
        changed();
        return reason != null && !reason.equals(before);
    }

    /** No run can go on; a reason of null: they can. */
    public synchronized void publishingProblem(String reason) {
        publishingProblem = reason;
    }

    /** The run by configuration could not be started. */
    synchronized void startupFailed(String runId, String reason) {
        startupFailure = RunView.without(runId, RunView.State.FAILED, reason);
    }

    /** It could be started after all, or nobody wants it any more. */
    synchronized void startupMended() {
        startupFailure = null;
        changed();
    }

    synchronized boolean isStartupFailed() {
        return startupFailure != null;
    }

    /** Whether it is the run by configuration, which could not be started, that has an id. */
    synchronized boolean isStartupFailed(String runId) {
        return startupFailure != null && startupFailure.runId().equals(runId);
    }

    /** Why something needs attention: nothing can be published, the start-up run failed, or a run is blocked. */
    synchronized Optional<String> trouble() {
        if (publishingProblem != null) {
            return Optional.of(publishingProblem);
        }
        return startupFailure == null
                ? live().stream()
                        .map(RunSpec::incarnation)
                        .filter(blocked::containsKey)
                        .map(blocked::get)
                        .findFirst()
                : Optional.of(startupFailure.reason());
    }

    /** Whether a run was ever started, deleted or not. */
    synchronized boolean known(String runId) {
        return specs.containsKey(runId) || deleted.contains(runId) || unreadable.containsKey(runId);
    }

    /** Whether there is a run of an id, or one that this version cannot read. */
    synchronized boolean exists(String runId) {
        return specs.containsKey(runId) && !deleted.contains(runId) || unreadable.containsKey(runId);
    }

    /** Whether this very run is the one of its id. */
    synchronized boolean isNow(RunSpec run) {
        return exists(run.runId())
                && specs.containsKey(run.runId())
                && specs.get(run.runId()).incarnation().equals(run.incarnation());
    }

    /** When the latest run of an id was ordered, deleted or not. */
    synchronized Optional<Instant> createdAt(String runId) {
        return Optional.ofNullable(specs.get(runId)).map(RunSpec::createdAt);
    }

    /** What is wanted of a run that there is. */
    synchronized Optional<RunSpec> spec(String runId) {
        return Optional.ofNullable(specs.get(runId)).filter(this::isNow);
    }

    /** The incarnations of runs of an id that were removed, of which files may be left. */
    synchronized List<String> removed(String runId) {
        return Optional.ofNullable(specs.get(runId))
                .map(RunSpec::removedIncarnations)
                .orElse(List.of());
    }

    /** Removed runs of which something is left in the tables: their status goes last. */
    public synchronized List<RunSpec> leftovers() {
        return specs.values().stream()
                .filter(run -> run.removed() && status(run).isPresent())
                .toList();
    }

    /** Whether a checkpoint was announced, that of an average among them. */
    synchronized boolean isAnnounced(String checkpointId) {
        return announced.contains(checkpointId);
    }

    /** The runs whose batches are still wanted: not removed, stopped, or ended. Those that come first, first. */
    public synchronized List<RunSpec> live() {
        return specs.values().stream()
                .filter(this::isLive)
                .sorted(RunSpec.FIRST)
                .toList();
    }

    private boolean isLive(RunSpec run) {
        return !deleted.contains(run.runId())
                && run.wanted()
                && status(run).filter(status -> status.ended(run)).isEmpty();
    }

    /** Whether this very run is still wanted. */
    public synchronized boolean isLive(String incarnation) {
        return live().stream().anyMatch(run -> run.incarnation().equals(incarnation));
    }

    /** The runs that have ended, finished or failed, those that did last first. */
    public synchronized List<RunSpec> ended() {
        Comparator<RunSpec> byEnd =
                Comparator.comparing(run -> status(run).orElseThrow().updatedAt());
        return specs.values().stream()
                .filter(run -> !deleted.contains(run.runId()) && !isLive(run))
                .filter(run -> status(run)
                        .filter(status -> status.state() == State.FINISHED || status.state() == State.FAILED)
                        .isPresent())
                .sorted(byEnd.reversed().thenComparing(RunSpec::runId))
                .toList();
    }

    /** Whether a run has ended, and then at least so many others. */
    synchronized boolean isRetired(RunSpec run, int others) {
        return ended().stream().skip(others).anyMatch(ended -> ended.incarnation()
                .equals(run.incarnation()));
    }

    /**
     * The id of a run that still needs a checkpoint of another one to start from: it has none of its own yet and has not
     * ended, stopped or not.
     */
    synchronized Optional<String> startingFrom(RunSpec run) {
        return specs.values().stream()
                .filter(other -> other.start() != null
                        && other.start().kind() == Start.Kind.CHECKPOINT
                        && other.start().incarnation().equals(run.incarnation()))
                .filter(other -> !deleted.contains(other.runId())
                        && checkpoints(other).isEmpty()
                        && status(other).filter(status -> status.ended(other)).isEmpty())
                .map(RunSpec::runId)
                .findFirst();
    }

    /** Whether a run was there and is not any more; false of one that was never heard of. */
    public synchronized boolean isGone(String incarnation) {
        int end = incarnation.lastIndexOf('-');
        String runId = incarnation.substring(0, Math.max(0, end));
        RunSpec latest = specs.get(runId);
        return !unreadable.containsKey(runId)
                && (deleted.contains(runId)
                        || latest != null && !latest.incarnation().equals(incarnation));
    }

    /** How many deletions have been heard of. */
    public synchronized long deletions() {
        return deletions;
    }

    /** What the trainer said last of a run. */
    public synchronized Optional<RunStatus> status(RunSpec run) {
        return Optional.ofNullable(statuses.get(run.runId())).filter(status -> isOf(run, status));
    }

    /** Not of an earlier run of the same id. */
    private static boolean isOf(RunSpec run, RunStatus status) {
        return status.updatedAt() != null && !status.updatedAt().isBefore(run.createdAt());
    }

    /** The two newest checkpoints of a run, the newest last. */
    public synchronized List<Position> checkpoints(RunSpec run) {
        return checkpoints.getOrDefault(run.incarnation(), List.of());
    }

    private void changed() {
        version++;
        notifyAll();
    }

    /** Wakes whoever waits for a change. */
    public synchronized void wake() {
        changed();
    }

    /** Another one after every change. */
    public synchronized long version() {
        return version;
    }

    /** Waits until the version is another one, but not longer than a time. */
    public synchronized void awaitChange(long since, Duration longest) throws InterruptedException {
        if (version == since) {
            wait(longest.toMillis());
        }
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

    /**
     * Waits until what was written has been read.
     *
     * @throws RunRefusedException when that takes long
     */
    void settle(BooleanSupplier read) throws InterruptedException {
        if (!await(read, LOG_TIMEOUT)) {
            throw RunRefusedException.passing(
                    "it is in the log, but this service has not read it there yet; look at GET /runs");
        }
    }

    /** What a run can start from instead of a checkpoint that nobody has heard of; not all that were announced are kept. */
    synchronized String otherCheckpoint() {
        return checkpoints.keySet().stream().allMatch(this::isGone)
                ? "a checkpoint that there is; no run has any yet"
                : "a checkpoint that there is: one that ./millrace status lists";
    }

    /** The ids of all runs that there are. */
    synchronized List<String> ids() {
        return views().stream().map(RunView::runId).toList();
    }

    /** All runs that are not deleted. */
    synchronized List<RunView> views() {
        List<RunView> views = new ArrayList<>();
        specs.values().stream()
                .filter(run -> !deleted.contains(run.runId()) && !unreadable.containsKey(run.runId()))
                .map(this::view)
                .forEach(views::add);
        unreadable.forEach(
                (runId, reason) -> views.add(new RunView(runId, RunView.State.BLOCKED, reason, 0, 0, null, null)));
        if (startupFailure != null) {
            views.add(startupFailure);
        }
        return views;
    }

    /** One run. */
    synchronized Optional<RunView> view(String runId) {
        return views().stream().filter(view -> view.runId().equals(runId)).findFirst();
    }

    private RunView view(RunSpec run) {
        return RunView.of(
                run,
                status(run).orElse(null),
                publishedSteps.getOrDefault(run.incarnation(), 0L),
                blocked.get(run.incarnation()));
    }
}
