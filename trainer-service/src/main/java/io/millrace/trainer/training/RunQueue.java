// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.EventTable;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The runs that were asked for, and how they stand. Those of a higher priority come first, and among equals the older;
 * those that cannot be trained come before all others, since it takes nothing to say so. Thread-safe.
 */
public final class RunQueue {
    private static final Comparator<Item> FIRST = Comparator.comparing(
                    (Item item) -> item.refusal().isEmpty())
            .thenComparing(item -> item.spec().orElse(null), Comparator.nullsFirst(RunSpec.FIRST))
            .thenComparing(Item::runId);

    private final Map<String, Item> items = new HashMap<>();
    private final Map<String, RunStatus> statuses = new HashMap<>();
    /** When something was heard of a run. */
    private final Map<String, Long> heard = new HashMap<>();
    /** Why runs are left to other processes. */
    private final Map<String, String> left = new HashMap<>();

    private final Duration takeoverAfter;

    /**
     * A run whose turn it is.
     *
     * @param runId its key
     * @param spec what to do; empty where nobody can tell (any more)
     * @param refusal why it must not be trained
     */
    public record Item(String runId, Optional<RunSpec> spec, Optional<String> refusal) {}

    /** @param takeoverAfter a run that is left to another process is taken up when nothing was heard of it for so long */
    public RunQueue(Duration takeoverAfter) {
        this.takeoverAfter = takeoverAfter;
    }

    /** Hears of runs. */
    public EventTable.Listener<RunSpec> runs() {
        return new EventTable.Listener<>() {
            @Override
            public void event(String runId, RunSpec spec, long offset) {
                add(spec == null ? deleted(runId) : new Item(runId, Optional.of(spec), misfit(spec)));
            }

            @Override
            public void unreadable(String runId, long offset, String reason) {
                if (runId != null) {
                    add(new Item(runId, Optional.empty(), Optional.of("malformed RunSpec: " + reason)));
                }
            }

            @Override
            public void cleared() {
                synchronized (RunQueue.this) {
                    items.clear();
                }
            }
        };
    }

    /** Hears how they stand. */
    public EventTable.Listener<RunStatus> statuses() {
        return new EventTable.Listener<>() {
            @Override
            public void event(String runId, RunStatus status, long offset) {
                hear(runId, Optional.ofNullable(status));
            }

            @Override
            public void cleared() {
                synchronized (RunQueue.this) {
                    statuses.clear();
                }
            }
        };
    }

    private synchronized Item deleted(String runId) {
        Optional<RunSpec> spec = Optional.ofNullable(items.get(runId)).flatMap(Item::spec);
        return new Item(runId, spec, Optional.of("stopped by DELETE /runs/" + runId));
    }

    private synchronized void add(Item item) {
        items.put(item.runId(), item);
        notifyAll();
    }

    private synchronized void hear(String runId, Optional<RunStatus> status) {
        heard.put(runId, System.nanoTime());
        if (status.isEmpty()) {
            statuses.remove(runId);
        } else if (!isLate(status.get())) {
            statuses.put(runId, status.get());
        }
    }

    /** What this process said of a run, which it need not hear first. */
    public void told(RunStatus status) {
        hear(status.runId(), Optional.of(status));
    }

    /** Whether a later word on the run is known, which ended it. */
    private boolean isLate(RunStatus status) {
        RunStatus known = statuses.get(status.runId());
        return known != null && known.ended() && !status.ended() && time(status).compareTo(time(known)) <= 0;
    }

    private static Instant time(RunStatus status) {
        return Optional.ofNullable(status.updatedAt()).orElse(Instant.MIN);
    }

    /** Whether a status is of this run, and not of an earlier one of its name. */
    private static boolean isOf(RunStatus status, RunSpec run) {
        return !time(status).isBefore(run.createdAt());
    }

    /** Why a run's parts do not fit each other; empty when they do. */
    private static Optional<String> misfit(RunSpec run) {
        Dataset dataset = run.dataset();
        String problem = null;
        if (run.network().inputChannels() != dataset.channels()) {
            problem = "network.inputChannels is " + run.network().inputChannels() + ", dataset.channels "
                    + dataset.channels();
        } else if (run.network().classes() != dataset.classes().size()) {
            problem = "network.classes is " + run.network().classes() + ", the data set has " + dataset.classes();
        } else if (dataset.normalization().channels() != dataset.channels()) {
            problem = "dataset.normalization is for " + dataset.normalization().channels()
                    + " channels, dataset.channels is " + dataset.channels();
        } else if (run.recipe().validation() > 0 && dataset.validation() == null) {
            problem = "recipe.validation is " + run.recipe().validation()
                    + ", and dataset.validation is missing: what the" + " run decides by it could not be decided";
        }
        return Optional.ofNullable(problem).map(why -> "malformed RunSpec: " + why);
    }

    /** How a run stands, as it was said last. */
    public synchronized Optional<RunStatus> statusOf(RunSpec run) {
        return Optional.ofNullable(statuses.get(run.runId())).filter(status -> isOf(status, run));
    }

    /** The last thing that was said of any run. */
    public synchronized Optional<RunStatus> latestStatus() {
        return statuses.values().stream().max(Comparator.comparing(RunQueue::time));
    }

    /** What was asked for under an id. */
    public synchronized Optional<RunSpec> spec(String runId) {
        return Optional.ofNullable(items.get(runId)).flatMap(Item::spec);
    }

    /** Why a run has to stop; empty while it may go on. */
    public synchronized Optional<String> refusal(String runId) {
        return Optional.ofNullable(items.get(runId)).flatMap(Item::refusal);
    }

    /**
     * Leaves a run to another process, as long as something is heard of it.
     *
     * @return whether that, and why, is news
     */
    public synchronized boolean leave(String runId, String reason) {
        heard.put(runId, System.nanoTime());
        return !reason.equals(left.put(runId, reason));
    }

    /** A run is trained by this process (again). */
    public synchronized void begun(String runId) {
        left.remove(runId);
    }

    /** Why runs are left alone that have not ended, one of them; empty when none is. */
    public synchronized Optional<String> leftAlone() {
        return left.entrySet().stream()
                .filter(entry -> items.containsKey(entry.getKey()) && !ended(items.get(entry.getKey())))
                .map(entry -> "run " + entry.getKey() + " is left alone: " + entry.getValue())
                .findFirst();
    }

    /** The first run that has not ended; empty when none came in time. */
    public synchronized Optional<Item> next(Duration atMost) throws InterruptedException {
        Optional<Item> first = first();
        if (first.isEmpty()) {
            wait(atMost.toMillis());
            first = first();
        }
        return first;
    }

    private Optional<Item> first() {
        return items.values().stream()
                .filter(item -> !ended(item) && !isLeft(item.runId()))
                .min(FIRST);
    }

    private boolean isLeft(String runId) {
        return left.containsKey(runId) && System.nanoTime() - heard.getOrDefault(runId, 0L) < takeoverAfter.toNanos();
    }

    private boolean ended(Item item) {
        RunStatus status = statuses.get(item.runId());
        return status != null
                && status.ended()
                && item.spec().map(spec -> isOf(status, spec)).orElse(true);
    }
}
