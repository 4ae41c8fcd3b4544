// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The accuracy that a checkpoint has to have to be promoted without being asked for.
 *
 * @param accuracy 0 to 1, to be reached; empty: more than whoever always answers the commonest class of the test split
 *     would have, by {@value #STANDARD_ERRORS} standard errors of that
 */
public record Floor(OptionalDouble accuracy) {
    /** As it is written where the commonest class decides. */
    public static final String AUTO = "auto";

    private static final int STANDARD_ERRORS = 3;

    /**
     * What people write: {@value #AUTO}, or an accuracy.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static Floor of(String written) {
        if (written.strip().equalsIgnoreCase(AUTO)) {
            return new Floor(OptionalDouble.empty());
        }
        try {
            double accuracy = Double.parseDouble(written.strip());
            if (accuracy >= 0 && accuracy <= 1) {
                return new Floor(OptionalDouble.of(accuracy));
            }
        } catch (NumberFormatException e) {
            // It is said below what it should be.
        }
        throw new IllegalArgumentException(
                "a floor is \"" + AUTO + "\" or an accuracy from 0 to 1, not \"" + written + '"');
    }

    /** Why an evaluation does not reach it; empty when it does. */
    Optional<String> objection(EvaluationCompleted evaluation) {
        if (accuracy.isPresent()) {
            return evaluation.accuracy() >= accuracy.getAsDouble()
                    ? Optional.empty()
                    : Optional.of(
                            text("its accuracy of %.4f is below the floor of %s", evaluation.accuracy(), floor()));
        }
        double share = commonest(evaluation);
        double error = Math.sqrt(share * (1 - share) / Math.max(1, evaluation.samples()));
        double bound = share + STANDARD_ERRORS * error;
        return evaluation.accuracy() > bound
                ? Optional.empty()
                : Optional.of(text(
                        "its accuracy of %.4f is not above %.4f: always answering the commonest class has %.4f on these %d"
                                + " samples, and %d standard errors of that are %.4f",
                        evaluation.accuracy(),
                        bound,
                        share,
                        evaluation.samples(),
                        STANDARD_ERRORS,
                        STANDARD_ERRORS * error));
    }

    private String floor() {
        return Double.toString(accuracy.orElseThrow());
    }

    private static double commonest(EvaluationCompleted evaluation) {
        int most = evaluation.classes().stream()
                .mapToInt(ClassScore::support)
                .max()
                .orElse(0);
        return (double) most / Math.max(1, evaluation.samples());
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments) + "; millrace.evaluator.floor can be set";
    }
}
