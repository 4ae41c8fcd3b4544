// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted;
import java.util.Locale;
import java.util.Optional;

/**
 * When a checkpoint is promoted without being asked for.
 *
 * <ul>
 *   <li>It has to reach the floor.
 *   <li>The first one of a model that does is, and binds the name: from then on it stands for these classes and images of
 *       this shape, until the model is deleted.
 *   <li>On the same test split as the promoted one: when it has a higher accuracy, or the same and a lower loss. Accuracies
 *       on different splits say nothing about each other; a person may.
 *   <li>Of a run that stops early, what its validation split keeps: within the run the newest of these, whatever the test
 *       split says; no average then, nor any other of its checkpoints.
 *   <li>What a person chose is pinned, and stays whatever is better.
 *   <li>The promoted one's file was written anew (a trainer that resumed on another processor): the new content takes
 *       the place of the old, which is gone.
 *   <li>A checkpoint that was evaluated before the latest decision has had its chance ({@link #outstanding}), so a decision
 *       is not undone when what it left behind is delivered again.
 * </ul>
 *
 * @param floor the least accuracy
 */
public record PromotionRule(Floor floor) {
    /**
     * What speaks against the candidate's taking the place of the promoted one.
     *
     * @param candidate of the same model
     * @param current what is promoted; empty: nothing
     */
    public Optional<Objection> objection(EvaluationCompleted candidate, Optional<ModelPromoted> current) {
        Optional<Objection> low = floor.objection(candidate).map(reason -> new Objection(reason, true));
        return low.isPresent() || current.isEmpty() ? low : objection(candidate, current.get());
    }

    private static Optional<Objection> objection(EvaluationCompleted candidate, ModelPromoted current) {
        CheckpointRef promoted = current.checkpoint();
        if (promoted.checkpointId().equals(candidate.checkpoint().checkpointId())) {
            return promoted.sha256().equals(candidate.checkpoint().sha256())
                    ? Optional.of(new Objection("it is promoted", false))
                    : Optional.empty();
        }
        Optional<String> bound = binding(candidate, current);
        if (bound.isPresent()) {
            return bound.map(reason -> new Objection(reason, true));
        }
        if (current.pinned()) {
            return Optional.of(new Objection(
                    promoted.checkpointId() + " is pinned; POST /models/" + current.model() + "/unpin ends that",
                    true));
        }
        Optional<Objection> validated = validated(candidate, current.evaluation());
        if (validated.isPresent()) {
            return validated;
        }
        if (sameRun(candidate, current.evaluation()) && isKept(candidate)) {
            return Optional.empty();
        }
        if (!current.evaluation().comparable(candidate)) {
            return Optional.of(new Objection(
                    "its accuracy of " + ratio(candidate.accuracy()) + " is on another test split than that of "
                            + promoted.checkpointId() + ", and cannot be compared; POST /models/" + current.model()
                            + "/promote promotes it all the same",
                    true));
        }
        return better(candidate, current.evaluation())
                ? Optional.empty()
                : Optional.of(new Objection(
                        promoted.checkpointId() + " is better or as good: its accuracy is "
                                + ratio(current.evaluation().accuracy()) + ", its loss "
                                + ratio(current.evaluation().loss()),
                        false));
    }

    private static boolean better(EvaluationCompleted candidate, EvaluationCompleted promoted) {
        return candidate.accuracy() > promoted.accuracy()
                || (candidate.accuracy() == promoted.accuracy() && candidate.loss() < promoted.loss());
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** Why a checkpoint cannot stand for a model's name at all; empty when it can. */
    static Optional<String> binding(EvaluationCompleted candidate, ModelPromoted current) {
        EvaluationCompleted promoted = current.evaluation();
        String found;
        if (!promoted.labels().equals(candidate.labels())) {
            found = "answers " + promoted.labels() + ", it answers " + candidate.labels();
        } else if (promoted.input() != null
                && candidate.input() != null
                && !promoted.input().equals(candidate.input())) {
            found = "takes images of " + promoted.input() + ", it takes " + candidate.input();
        } else {
            return Optional.empty();
        }
        return Optional.of("the model \"" + current.model() + "\" " + found
                + "; order its run under another model name, or delete the model: DELETE /models/" + current.model());
    }

    /** What the validation split of the candidate's run says, which the test split has no say about. */
    private static Optional<Objection> validated(EvaluationCompleted candidate, EvaluationCompleted promoted) {
        if (candidate.validation() != null
                && Boolean.FALSE.equals(candidate.validation().best())) {
            return Optional.of(new Objection("its run has better weights, as its validation split says", false));
        }
        boolean decided = sameRun(candidate, promoted) && (isKept(candidate) || isKept(promoted));
        return decided && !(isKept(candidate) && candidate.step() > promoted.step())
                ? Optional.of(new Objection(
                        promoted.checkpoint().checkpointId() + " is what early stopping keeps of its run", false))
                : Optional.empty();
    }

    /** Whether early stopping keeps these weights. */
    private static boolean isKept(EvaluationCompleted evaluation) {
        return evaluation.validation() != null && evaluation.validation().kept();
    }

    private static boolean sameRun(EvaluationCompleted candidate, EvaluationCompleted promoted) {
        return candidate.checkpoint().incarnation().equals(promoted.checkpoint().incarnation());
    }

    /** What speaks against one that is not {@link #outstanding} any more. */
    static Objection tooLate(ModelPromoted current) {
        return new Objection(
                "it was there already when " + current.checkpoint().checkpointId() + " was chosen; POST /models/"
                        + current.model() + "/promote promotes it all the same",
                true);
    }

    /** Whether nobody has decided about the model since the candidate was evaluated. */
    public static boolean outstanding(EvaluationCompleted candidate, Optional<ModelPromoted> current) {
        return current.isEmpty() || current.get().promotedAt().isBefore(candidate.evaluatedAt());
    }
}
