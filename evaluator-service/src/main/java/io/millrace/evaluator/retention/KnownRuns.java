// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.event.Start;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the topics say of the runs. A run that they do not tell of is one about which nothing is known: a topic can be lost,
 * and nothing is deleted for that. Thread-safe.
 */
public final class KnownRuns {
    private final Map<String, RunSpec> specs = new HashMap<>();
    private final Map<String, RunStatus> statuses = new HashMap<>();
    private final Set<String> removed = new HashSet<>();

    /** Takes what stands under a run's id; null: nothing that can be read. */
    public synchronized void run(String runId, RunSpec spec) {
        if (spec == null) {
            specs.remove(runId);
        } else {
            specs.put(runId, spec);
            removed.addAll(spec.removedIncarnations());
        }
    }

    /** Takes how a run stands; null: that is not said any more. */
    public synchronized void status(String runId, RunStatus status) {
        if (status == null) {
            statuses.remove(runId);
        } else {
            statuses.put(runId, status);
        }
    }

    /** The topic of the runs was made anew. What was removed stays so, as its word is never taken back. */
    public synchronized void runsCleared() {
        specs.clear();
    }

    /** The topic of their statuses was made anew. */
    public synchronized void statusesCleared() {
        statuses.clear();
    }

    /** The run of an incarnation. */
    public synchronized Optional<RunSpec> find(String incarnation) {
        return specs.values().stream()
                .filter(run -> run.incarnation().equals(incarnation))
                .findFirst();
    }

    /** Whether everything of this very run is to be deleted. */
    public synchronized boolean isRemoved(String incarnation) {
        return removed.contains(incarnation);
    }

    /** Whether this very run has come to its end, and nobody has asked for more of it. One that was stopped has not. */
    public synchronized boolean hasEnded(String incarnation) {
        return find(incarnation).flatMap(this::ended).isPresent();
    }

    /** How it stood when it ended; empty where it has not, or goes on. */
    private Optional<RunStatus> ended(RunSpec run) {
        return Optional.ofNullable(statuses.get(run.runId()))
                .filter(status -> status.state() == State.FINISHED || status.state() == State.FAILED)
                // Not of an earlier run of the id, and not of what it was before more epochs were asked for.
                .filter(status ->
                        status.updatedAt() != null && !status.updatedAt().isBefore(run.createdAt()))
                .filter(status -> status.steps() == run.steps());
    }

    /**
     * Whether a checkpoint that was announced as the result of its run still is: more epochs may have been asked for since.
     * What early stopping kept stays one, and so does what is of a run of which nothing is known.
     */
    public synchronized boolean isResult(EvaluationCompleted evaluation) {
        boolean kept =
                evaluation.validation() != null && evaluation.validation().kept();
        return evaluation.isFinal()
                && (kept
                        || evaluation.step()
                                >= find(evaluation.checkpoint().incarnation())
                                        .map(run ->
                                                ended(run).map(RunStatus::step).orElse(run.steps()))
                                        .orElse(0L));
    }

    /** The runs that have ended, beyond the so many that did last. */
    public synchronized Set<String> endedBefore(int newest) {
        Map<String, RunStatus> ended = new HashMap<>();
        specs.values().stream().filter(run -> !run.removed()).forEach(run -> ended(run)
                .ifPresent(status -> ended.put(run.incarnation(), status)));
        Comparator<String> byEnd = Comparator.comparing(run -> ended.get(run).updatedAt());
        List<String> newestFirst = ended.keySet().stream()
                .sorted(byEnd.reversed().thenComparing(Comparator.naturalOrder()))
                .toList();
        return Set.copyOf(newestFirst.subList(Math.min(newest, newestFirst.size()), newestFirst.size()));
    }

    /** Whether a run that is not at its end starts from a checkpoint: it may have to read it yet. */
    public synchronized boolean isStart(CheckpointRef checkpoint) {
        return specs.values().stream()
                .filter(run ->
                        !run.removed() && run.start() != null && run.start().kind() == Start.Kind.CHECKPOINT)
                .filter(run -> run.start().weights().equals(checkpoint.checkpointId()))
                .anyMatch(run -> ended(run).isEmpty());
    }
}
