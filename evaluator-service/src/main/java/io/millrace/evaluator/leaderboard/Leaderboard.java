// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.leaderboard;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The latest evaluation of every checkpoint, as the evaluations' log tells it. Adding one twice changes nothing.
 * Thread-safe.
 */
public final class Leaderboard {
    /** Higher accuracy, then lower loss, then earlier step, then the id, so that the order is total. */
    public static final Comparator<EvaluationCompleted> BEST_FIRST = Comparator.comparingDouble(
                    EvaluationCompleted::accuracy)
            .reversed()
            .thenComparingDouble(EvaluationCompleted::loss)
            .thenComparingLong(EvaluationCompleted::step)
            .thenComparing(evaluation -> evaluation.checkpoint().checkpointId());

    private final Map<String, EvaluationCompleted> byCheckpoint = new LinkedHashMap<>();
    /** By whether it is of averaged weights. */
    private final Map<Boolean, EvaluationCompleted> latest = new HashMap<>();

    /** Takes the next evaluation of the log; a newer one of the same checkpoint replaces the older. */
    public synchronized void add(EvaluationCompleted evaluation) {
        byCheckpoint.put(evaluation.checkpoint().checkpointId(), evaluation);
        latest.put(evaluation.checkpoint().averaged(), evaluation);
    }

    /** Takes the word of the log that a checkpoint has no line any more. */
    public synchronized void remove(String checkpointId) {
        byCheckpoint.remove(checkpointId);
        latest.values()
                .removeIf(evaluation -> evaluation.checkpoint().checkpointId().equals(checkpointId));
    }

    /** Nothing is evaluated any more: the log was made anew. */
    public synchronized void clear() {
        byCheckpoint.clear();
        latest.clear();
    }

    /** The evaluation of a checkpoint. */
    public synchronized Optional<EvaluationCompleted> find(String checkpointId) {
        return Optional.ofNullable(byCheckpoint.get(checkpointId));
    }

    /** The evaluation of exactly this content of a checkpoint: the same id, and the same bytes under it. */
    public Optional<EvaluationCompleted> find(CheckpointRef checkpoint) {
        return find(checkpoint.checkpointId())
                .filter(evaluation -> evaluation.checkpoint().sha256().equals(checkpoint.sha256()));
    }

    /** All evaluations, best first. */
    public synchronized List<EvaluationCompleted> bestFirst() {
        return byCheckpoint.values().stream().sorted(BEST_FIRST).toList();
    }

    /** The evaluation that was added last: of weights as they are, or of averaged ones. */
    public synchronized Optional<EvaluationCompleted> latest(boolean averaged) {
        return Optional.ofNullable(latest.get(averaged));
    }

    /** The best accuracy of a model's checkpoints that can be compared with one of them. */
    public synchronized OptionalDouble bestAccuracy(EvaluationCompleted one) {
        return byCheckpoint.values().stream()
                .filter(evaluation -> evaluation.model().equals(one.model()) && evaluation.comparable(one))
                .mapToDouble(EvaluationCompleted::accuracy)
                .max();
    }
}
