// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.EventLog;
import io.millrace.trainer.consume.OtherRuns;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The runs that were asked for, in the order of their log, and how they stand. Hearing of the same thing twice changes
 * nothing. Thread-safe.
 */
public final class RunQueue implements OtherRuns {
    private final Map<String, Item> items = new HashMap<>();
    private final Map<String, RunStatus> statuses = new HashMap<>();
    private final Set<String> unknown = new HashSet<>();
    private final Supplier<List<EventLog.Entry<RunSpec>>> log;
    private Item current;

    /**
     * A run whose turn it is.
     *
     * @param runId its key in the log
     * @param offset its place in the log
     * @param spec what to do; empty where nobody can tell any more
     * @param refusal why it must not be trained
     */
    public record Item(String runId, long offset, Optional<RunSpec> spec, Optional<String> refusal) {
        Item refused(String reason) {
            return new Item(runId, offset, spec, Optional.of(reason));
        }
    }

    /** @param log reads all runs that were asked for, once more each time; null as the value of a deleted one */
    public RunQueue(Supplier<List<EventLog.Entry<RunSpec>>> log) {
        this.log = log;
    }

    /** Reads the log of runs: what stands in it now is known then. */
    public void reread() {
        for (EventLog.Entry<RunSpec> entry : log.get()) {
            if (entry.value() == null) {
                deleted(entry.key(), entry.offset());
            } else {
                asked(entry.key(), entry.offset(), entry.value());
            }
        }
    }

    /** A run was asked for. */
    public synchronized void asked(String runId, long offset, RunSpec spec) {
        add(new Item(runId, offset, Optional.of(spec), RunCheck.problem(runId, spec)));
    }

    /** A run was asked for in words that nobody understands. */
    public synchronized void malformed(String runId, long offset, String reason) {
        add(new Item(runId, offset, Optional.empty(), Optional.of(reason)));
    }

    /** A run is not wanted any more. */
    public synchronized void deleted(String runId, long offset) {
        String reason = "stopped by DELETE /runs/" + runId;
        Item item = items.get(runId);
        items.put(
                runId,
                item == null ? new Item(runId, offset, Optional.empty(), Optional.of(reason)) : item.refused(reason));
        notifyAll();
    }

    private void add(Item item) {
        items.putIfAbsent(item.runId(), item);
        unknown.remove(item.runId());
        notifyAll();
    }

    /** How a run stands, as it was said last. */
    public synchronized void status(RunStatus status) {
        statuses.put(status.runId(), status);
    }

    /** How a run stands, as far as it was said. */
    public synchronized Optional<RunStatus> statusOf(String runId) {
        return Optional.ofNullable(statuses.get(runId));
    }

    /** The last thing that was said of any run. */
    public synchronized Optional<RunStatus> latestStatus() {
        return statuses.values().stream()
                .max(Comparator.comparing(RunStatus::updatedAt, Comparator.nullsFirst(Comparator.naturalOrder())));
    }

    /** What was asked for under an id. */
    public synchronized Optional<RunSpec> spec(String runId) {
        return Optional.ofNullable(items.get(runId)).flatMap(Item::spec);
    }

    /** Why a run has to stop; empty while it may go on. */
    public synchronized Optional<String> refusal(String runId) {
        return Optional.ofNullable(items.get(runId)).flatMap(Item::refusal);
    }

    /** As {@link #refusal}, after the log of runs was read again. */
    public Optional<String> refusalNow(String runId) {
        reread();
        return refusal(runId);
    }

    /** The first run that has not ended; empty when none came in time. It is the current one from then on. */
    public synchronized Optional<Item> next(Duration atMost) throws InterruptedException {
        Optional<Item> first = first();
        if (first.isEmpty()) {
            wait(atMost.toMillis());
            first = first();
        }
        current = first.orElse(current);
        return first;
    }

    private Optional<Item> first() {
        return items.values().stream().filter(item -> !ended(item.runId())).min(Comparator.comparingLong(Item::offset));
    }

    private boolean ended(String runId) {
        RunStatus status = statuses.get(runId);
        return status != null && status.ended();
    }

    @Override
    public Standing of(String runId) {
        Standing standing = look(runId);
        if (standing == Standing.UNKNOWN && firstQuestion(runId)) {
            // A run is in its log before its first batch is: the log is read once more, then it is certain.
            try {
                reread();
            } catch (RuntimeException e) {
                // Not answered yet, so the next question is the first again.
                forget(runId);
                throw e;
            }
            standing = look(runId);
        }
        return standing;
    }

    private synchronized void forget(String runId) {
        unknown.remove(runId);
    }

    private synchronized boolean firstQuestion(String runId) {
        return unknown.size() < 1000 && unknown.add(runId);
    }

    private synchronized Standing look(String runId) {
        Item item = items.get(runId);
        if (item == null) {
            return statuses.containsKey(runId) ? Standing.PAST : Standing.UNKNOWN;
        }
        boolean later =
                !ended(runId) && item.refusal().isEmpty() && (current == null || item.offset() > current.offset());
        return later ? Standing.LATER : Standing.PAST;
    }
}
