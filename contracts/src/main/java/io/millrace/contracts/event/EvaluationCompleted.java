// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;

/**
 * A checkpoint's score on the whole test split.
 *
 * @param checkpoint what was scored
 * @param model name under which it would be served
 * @param datasetDigest names the data set
 * @param testDigest SHA-256 (hex) over the images and labels of the test split: accuracies of equal ones can be compared;
 *     null in evaluations from before it was there
 * @param input shape of an image; null in evaluations from before it was there
 * @param step steps done
 * @param epoch epochs begun
 * @param isFinal whether it is the result of the run
 * @param samples size of the test split
 * @param accuracy part of the samples whose most probable class is the label, 0 to 1
 * @param loss mean cross entropy in nats, without label smoothing
 * @param calibrationError expected calibration error over 15 equal bins of confidence, 0 to 1
 *     (<a href="https://arxiv.org/abs/1706.04599">Guo et al. 2017</a>)
 * @param classes per class, in the order of the labels
 * @param confusionMatrix {@code [label][predicted]}, counts
 * @param durationSeconds wall time of the scoring
 * @param validation what the validation split said of these weights while they were trained; null where it was not asked
 * @param evaluatedAt when it was done
 * @param engine name and version of what computed it; null in evaluations from before it was there
 * @param calibration what its confidence is worth; null where it is not calibrated
 * @param uncalibrated why it is not; null where it is, and in evaluations from before it was there
 * @param confidence its answers by how sure it was of them, one entry for each bin of the calibration error; null in
 *     evaluations from before it was there
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvaluationCompleted(
        CheckpointRef checkpoint,
        String model,
        String datasetDigest,
        String testDigest,
        ImageShape input,
        long step,
        int epoch,
        @JsonProperty("final") boolean isFinal,
        int samples,
        double accuracy,
        double loss,
        double calibrationError,
        List<ClassScore> classes,
        List<List<Integer>> confusionMatrix,
        double durationSeconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) Validated validation,
        Instant evaluatedAt,
        String engine,
        Calibration calibration,
        String uncalibrated,
        List<ConfidenceBin> confidence) {
    public EvaluationCompleted {
        Fields.present(checkpoint, "checkpoint");
        Fields.present(model, "model");
        Fields.present(datasetDigest, "datasetDigest");
        Fields.present(evaluatedAt, "evaluatedAt");
        classes = List.copyOf(Fields.present(classes, "classes"));
        confusionMatrix = Fields.present(confusionMatrix, "confusionMatrix").stream()
                .map(List::copyOf)
                .toList();
        confidence = confidence == null ? null : List.copyOf(confidence);
    }

    /** Without the engine, and of a network that is not calibrated. */
    public EvaluationCompleted(
            CheckpointRef checkpoint,
            String model,
            String datasetDigest,
            String testDigest,
            ImageShape input,
            long step,
            int epoch,
            boolean isFinal,
            int samples,
            double accuracy,
            double loss,
            double calibrationError,
            List<ClassScore> classes,
            List<List<Integer>> confusionMatrix,
            double durationSeconds,
            Validated validation,
            Instant evaluatedAt) {
        this(
                checkpoint,
                model,
                datasetDigest,
                testDigest,
                input,
                step,
                epoch,
                isFinal,
                samples,
                accuracy,
                loss,
                calibrationError,
                classes,
                confusionMatrix,
                durationSeconds,
                validation,
                evaluatedAt,
                null,
                null,
                null,
                null);
    }

    /** Whether both are about the same test split, so that their accuracies can be compared. */
    public boolean comparable(EvaluationCompleted other) {
        return testDigest == null || other.testDigest == null
                ? datasetDigest.equals(other.datasetDigest)
                : testDigest.equals(other.testDigest);
    }

    /** The names of the answers, in the order of the labels. */
    public List<String> labels() {
        return classes.stream().map(ClassScore::label).toList();
    }

    /** The same, as the result of its run. */
    public EvaluationCompleted asFinal() {
        return with(true, calibration, uncalibrated);
    }

    /** The same, with what its confidence is worth. */
    public EvaluationCompleted with(Calibration found) {
        return with(isFinal, found, null);
    }

    /** The same, with why it is not calibrated. */
    public EvaluationCompleted uncalibrated(String why) {
        return with(isFinal, null, why);
    }

    private EvaluationCompleted with(boolean result, Calibration found, String why) {
        return new EvaluationCompleted(
                checkpoint,
                model,
                datasetDigest,
                testDigest,
                input,
                step,
                epoch,
                result,
                samples,
                accuracy,
                loss,
                calibrationError,
                classes,
                confusionMatrix,
                durationSeconds,
                validation,
                evaluatedAt,
                engine,
                found,
                why,
                confidence);
    }

    /**
     * The score of one class; a ratio whose denominator is 0 is 0.
     *
     * @param label the class's name
     * @param precision right among those predicted as this class
     * @param recall right among those of this class
     * @param f1 harmonic mean of both
     * @param support samples of this class
     */
    public record ClassScore(String label, double precision, double recall, double f1, int support) {}

    /**
     * The answers whose probability lies in one of equal bins from 0 to 1, as the network gives it.
     *
     * @param samples how many
     * @param correct how many of them are right
     * @param confidence their mean probability, 0 to 1; 0 where there are none
     */
    public record ConfidenceBin(int samples, int correct, double confidence) {}
}
