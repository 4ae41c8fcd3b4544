// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.leaderboard.Leaderboard;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which checkpoints may be deleted. Of each run (one that is ordered again under its name is another) the best ones stay, an
 * average as good as any, those of the newest steps, from which its trainer resumes, each with its average, and the newest of
 * those that early stopping kept, which may become the result of the run; what is needed (promoted, or what a rollback goes
 * back to) stays always. Only evaluated checkpoints are ever deleted.
 * Of a run that ended long ago one stays: what early stopping kept last, else the best.
 * What counts is the file: an evaluation under another id does not take the file from one that is kept.
 *
 * @param keepBest how many of a run's best ones stay, at least 1
 * @param keepNewest of how many of a run's newest steps all stay, at least 1
 */
public record RetentionRule(int keepBest, int keepNewest) {
    /**
     * The checkpoints to delete, in the order of their runs and steps.
     *
     * @param evaluations all there are
     * @param needed tells what stays in any case
     * @param old tells which runs, by their incarnations, ended long ago
     */
    public List<CheckpointRef> superfluous(
            Collection<EvaluationCompleted> evaluations, Predicate<CheckpointRef> needed, Predicate<String> old) {
        Map<String, List<EvaluationCompleted>> byRun = evaluations.stream()
                .collect(Collectors.groupingBy(
                        evaluation -> evaluation.checkpoint().incarnation(), TreeMap::new, Collectors.toList()));
        List<CheckpointRef> superfluous = new ArrayList<>();
        byRun.forEach((run, ofRun) -> {
            boolean one = old.test(run);
            Set<String> kept = new HashSet<>(first(
                    ofRun.stream()
                            .filter(evaluation -> evaluation.validation() != null
                                    && evaluation.validation().kept())
                            .toList(),
                    1,
                    Comparator.comparingLong(EvaluationCompleted::step).reversed()));
            if (!one || kept.isEmpty()) {
                kept.addAll(first(ofRun, one ? 1 : keepBest, Leaderboard.BEST_FIRST));
            }
            Set<Long> newest = ofRun.stream()
                    .map(EvaluationCompleted::step)
                    .distinct()
                    .sorted(Comparator.reverseOrder())
                    .limit(one ? 0 : keepNewest)
                    .collect(Collectors.toSet());
            ofRun.stream()
                    .sorted(Comparator.comparingLong(EvaluationCompleted::step))
                    .filter(evaluation -> !newest.contains(evaluation.step()))
                    .map(EvaluationCompleted::checkpoint)
                    .filter(checkpoint -> !kept.contains(checkpoint.uri()) && !needed.test(checkpoint))
                    .forEach(superfluous::add);
        });
        return superfluous;
    }

    private static List<String> first(
            List<EvaluationCompleted> evaluations, int count, Comparator<EvaluationCompleted> order) {
        return evaluations.stream()
                .sorted(order)
                .limit(count)
                .map(evaluation -> evaluation.checkpoint().uri())
                .toList();
    }
}
