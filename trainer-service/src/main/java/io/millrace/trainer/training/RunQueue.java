// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.EventTable;
import io.millrace.trainer.pool.Demand;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The runs that were asked for, and how they stand: which of them ask for a worker, and of which something is to be said
 * that takes none. Thread-safe.
 */
public final class RunQueue {
    private final Map<String, Item> items = new HashMap<>();
    private final Map<String, RunStatus> statuses = new HashMap<>();

    /**
     * A run that was asked for.
     *
     * @param runId its key
     * @param spec what to do; empty where nobody can tell
     * @param refusal why it must not be trained
     */
    public record Item(String runId, Optional<RunSpec> spec, Optional<String> refusal) {
        /** Whether there is more to do than to say how it stands. */
        boolean isToBeTrained() {
            return refusal.isEmpty() && spec.filter(RunSpec::wanted).isPresent();
        }

        String incarnation() {
            return spec.map(RunSpec::incarnation).orElse(runId);
        }
    }

    /** Hears of runs. */
    public EventTable.Listener<RunSpec> runs() {
        return new EventTable.Listener<>() {
            @Override
            public void event(String runId, RunSpec spec, long offset) {
                if (spec == null) {
                    deleted(runId);
                } else {
                    add(new Item(runId, Optional.of(spec), misfit(spec)));
                }
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

    /** As versions did before there was a word for it. */
    private synchronized void deleted(String runId) {
        spec(runId).ifPresent(spec -> add(new Item(runId, Optional.of(spec.asRemoved()), Optional.empty())));
    }

    private synchronized void add(Item item) {
        items.put(item.runId(), item);
        notifyAll();
    }

    private synchronized void hear(String runId, Optional<RunStatus> status) {
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

    /** How a run stands where nothing more is to be done about it, as it is wanted now. */
    public synchronized Optional<RunStatus> settled(RunSpec run) {
        RunSpec wanted = spec(run.runId()).orElse(run);
        return statusOf(run).filter(status -> isSettled(wanted, status));
    }

    private static boolean isSettled(RunSpec wanted, RunStatus status) {
        return status.ended(wanted) || status.state() == RunStatus.State.STOPPED && !wanted.wanted();
    }

    /** What was asked for under an id. */
    public synchronized Optional<RunSpec> spec(String runId) {
        return Optional.ofNullable(items.get(runId)).flatMap(Item::spec);
    }

    /** Why a run has to stop; empty while it may go on. */
    public synchronized Optional<String> refusal(String runId) {
        return Optional.ofNullable(items.get(runId)).flatMap(Item::refusal);
    }

    /** The runs that are to be trained and have not ended. */
    public synchronized List<Demand> demands() {
        return items.values().stream()
                .filter(item -> item.isToBeTrained() && !settled(item))
                .map(item -> Demand.of(item.spec().orElseThrow()))
                .sorted(Demand.OLDEST)
                .toList();
    }

    /** Runs that nobody is to train, and of which that is still to be said. */
    public synchronized List<Item> unsaid() {
        return items.values().stream()
                .filter(item -> !item.isToBeTrained() && !settled(item))
                .toList();
    }

    /** A run that is to be trained, as soon as that is known here; empty when it is not in time. */
    public synchronized Optional<RunSpec> await(String incarnation, Duration atMost) throws InterruptedException {
        Optional<RunSpec> found = toBeTrained(incarnation);
        if (found.isEmpty()) {
            wait(atMost.toMillis());
            found = toBeTrained(incarnation);
        }
        return found;
    }

    /** How a run that is to be trained stands, as it was said last. */
    public synchronized Optional<RunStatus> trained(String incarnation) {
        return toBeTrained(incarnation).flatMap(this::statusOf);
    }

    private Optional<RunSpec> toBeTrained(String incarnation) {
        return items.values().stream()
                .filter(item -> item.incarnation().equals(incarnation) && item.isToBeTrained() && !settled(item))
                .flatMap(item -> item.spec().stream())
                .findFirst();
    }

    private boolean settled(Item item) {
        RunStatus status = statuses.get(item.runId());
        return item.spec()
                .map(spec -> spec.removed() || settled(spec).isPresent())
                .orElse(status != null && status.ended());
    }
}
