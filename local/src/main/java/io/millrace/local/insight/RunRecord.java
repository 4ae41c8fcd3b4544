// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * All that the topics hold of one run.
 *
 * @param run as it was ordered, and what is wanted of it
 * @param status how it stands; null before a trainer has said anything
 * @param points of its curves, by step
 * @param evaluations of its checkpoints and averages, by step, an average after its checkpoint
 * @param served what one of its checkpoints is promoted as; null while none is
 */
public record RunRecord(
        RunSpec run, RunStatus status, List<MetricPoint> points, List<EvaluationCompleted> evaluations, String served) {
    /** As the leaderboard has it. */
    private static final Comparator<EvaluationCompleted> BEST = Comparator.comparingDouble(
                    EvaluationCompleted::accuracy)
            .thenComparing(Comparator.comparingDouble(EvaluationCompleted::loss).reversed())
            .thenComparing(Comparator.comparingLong(EvaluationCompleted::step).reversed());

    public RunRecord {
        points = List.copyOf(points);
        evaluations = List.copyOf(evaluations);
    }

    /** What the run is judged by: what early stopping kept, else its best checkpoint on the test split. */
    public Optional<EvaluationCompleted> best() {
        return evaluations.stream()
                .filter(each -> each.isFinal()
                        && each.validation() != null
                        && each.validation().kept())
                .max(BEST)
                .or(() -> evaluations.stream().max(BEST));
    }

    /** The evaluations of weights as they are, or of averages. */
    public List<EvaluationCompleted> evaluations(boolean averaged) {
        return evaluations.stream()
                .filter(each -> each.checkpoint().averaged() == averaged)
                .toList();
    }

    /** How it stands, in a word. */
    public String state() {
        if (status == null) {
            return "not begun";
        }
        return status.waiting() ? "waiting" : status.state().name().toLowerCase(Locale.ROOT);
    }
}
