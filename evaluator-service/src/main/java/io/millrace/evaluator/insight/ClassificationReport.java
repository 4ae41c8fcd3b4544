// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.Calibration;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.evaluator.score.Tally;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * How good a checkpoint is, class by class: the figures of scikit-learn's {@code classification_report}, and what its
 * confidence is worth.
 *
 * @param checkpointId what was scored
 * @param samples of the test split
 * @param accuracy part of them that it gets right, 0 to 1
 * @param loss mean cross entropy in nats
 * @param classes each class's figures, in the order of the labels
 * @param macroAverage their plain mean
 * @param weightedAverage their mean, each class as often as it occurs
 * @param calibration what its confidence is worth
 * @param confused which classes it takes for which, the most frequent first, at most {@value #MOST_CONFUSED}
 */
public record ClassificationReport(
        String checkpointId,
        int samples,
        double accuracy,
        double loss,
        List<ClassScore> classes,
        Average macroAverage,
        Average weightedAverage,
        Confidence calibration,
        List<Confusion> confused) {
    static final int MOST_CONFUSED = 20;

    /** A mean over the classes. */
    public record Average(double precision, double recall, double f1) {}

    /**
     * What a confidence is worth.
     *
     * @param bins of the errors
     * @param error expected calibration error on the test split as the network answers, 0 to 1
     * @param calibratedError the same, logits divided by the temperature; absent where it is not calibrated
     * @param temperature fitted on the validation split; absent where it is not calibrated
     * @param fittedOn so many images; absent where it is not calibrated
     * @param uncalibrated why it is not; absent where it is, and in evaluations from before this was told
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Confidence(
            int bins, double error, Double calibratedError, Double temperature, Integer fittedOn, String uncalibrated) {
        private static Confidence of(EvaluationCompleted evaluation) {
            Optional<Calibration> calibration = Optional.ofNullable(evaluation.calibration());
            return new Confidence(
                    Tally.BINS,
                    evaluation.calibrationError(),
                    calibration.map(Calibration::calibrationError).orElse(null),
                    calibration.map(Calibration::temperature).orElse(null),
                    calibration.map(Calibration::samples).orElse(null),
                    evaluation.uncalibrated());
        }
    }

    /** So many samples of one class are taken for another. */
    public record Confusion(String label, String predicted, int count) {}

    /** From an evaluation. */
    public static ClassificationReport of(EvaluationCompleted evaluation) {
        List<ClassScore> classes = evaluation.classes();
        return new ClassificationReport(
                evaluation.checkpoint().checkpointId(),
                evaluation.samples(),
                evaluation.accuracy(),
                evaluation.loss(),
                classes,
                average(classes, score -> 1),
                average(classes, ClassScore::support),
                Confidence.of(evaluation),
                confused(evaluation));
    }

    private static Average average(List<ClassScore> classes, ToDoubleFunction<ClassScore> weight) {
        double all = classes.stream().mapToDouble(weight).sum();
        ToDoubleFunction<ToDoubleFunction<ClassScore>> mean = figure -> all == 0
                ? 0
                : classes.stream()
                                .mapToDouble(score -> weight.applyAsDouble(score) * figure.applyAsDouble(score))
                                .sum()
                        / all;
        return new Average(
                mean.applyAsDouble(ClassScore::precision),
                mean.applyAsDouble(ClassScore::recall),
                mean.applyAsDouble(ClassScore::f1));
    }

    private static List<Confusion> confused(EvaluationCompleted evaluation) {
        List<String> labels = evaluation.labels();
        List<List<Integer>> matrix = evaluation.confusionMatrix();
        List<Confusion> confused = new ArrayList<>();
        for (int label = 0; label < matrix.size(); label++) {
            for (int predicted = 0; predicted < matrix.size(); predicted++) {
                int count = matrix.get(label).get(predicted);
                if (label != predicted && count > 0) {
                    confused.add(new Confusion(labels.get(label), labels.get(predicted), count));
                }
            }
        }
        return confused.stream()
                .sorted(Comparator.comparingInt(Confusion::count).reversed())
                .limit(MOST_CONFUSED)
                .toList();
    }
}
