// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.contracts.event.EvaluationCompleted.ConfidenceBin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Adds up predictions. Holds counts only, whatever the size of the split. Not thread-safe. */
public final class Tally {
    /** Number of equal bins of confidence in the calibration error. */
    public static final int BINS = 15;

    private final List<String> labels;
    private final int[][] confusion;
    private final int[] binSamples = new int[BINS];
    private final int[] binCorrect = new int[BINS];
    private final double[] binConfidence = new double[BINS];
    private int samples;
    private int correct;
    private double loss;

    /**
     * Of nothing yet.
     *
     * @param labels the classes' names; a class is an index into them
     */
    public Tally(List<String> labels) {
        this.labels = List.copyOf(labels);
        this.confusion = new int[labels.size()][labels.size()];
    }

    /** Adds one prediction; its classes must be among the labels. */
    public void add(Prediction prediction) {
        confusion[prediction.label()][prediction.predicted()]++;
        int bin = bin(prediction.confidence());
        binSamples[bin]++;
        binConfidence[bin] += prediction.confidence();
        if (prediction.correct()) {
            binCorrect[bin]++;
            correct++;
        }
        loss += prediction.loss();
        samples++;
    }

    /** The bin of a confidence: bin m holds what is above m/15, up to and including (m+1)/15. */
    private static int bin(double confidence) {
        return Math.max(0, Math.min(BINS - 1, (int) Math.ceil(confidence * BINS) - 1));
    }

    /** Number of predictions so far. */
    public int samples() {
        return samples;
    }

    /** Part of the predictions that are right; 0 when there are none. */
    public double accuracy() {
        return ratio(correct, samples);
    }

    /** Mean cross entropy in nats; 0 when there are no predictions. */
    public double loss() {
        return ratio(loss, samples);
    }

    /** Expected calibration error: the bins' distance between confidence and accuracy, weighted by their size. */
    public double calibrationError() {
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(binCorrect[bin] - binConfidence[bin]);
        }
        return ratio(error, samples);
    }

    /** The bins of the calibration error, that of the least confidence first. */
    public List<ConfidenceBin> confidence() {
        return IntStream.range(0, BINS)
                .mapToObj(bin ->
                        new ConfidenceBin(binSamples[bin], binCorrect[bin], ratio(binConfidence[bin], binSamples[bin])))
                .toList();
    }

    /** Precision, recall, F1 and support of each class, in the order of the labels. */
    public List<ClassScore> classes() {
        List<ClassScore> scores = new ArrayList<>();
        for (int k = 0; k < confusion.length; k++) {
            int column = k;
            int right = confusion[k][k];
            int support = Arrays.stream(confusion[k]).sum();
            int asThis = Arrays.stream(confusion).mapToInt(row -> row[column]).sum();
            // 2PR/(P+R), without the division by zero of a class that is never predicted.
            double f1 = ratio(2.0 * right, support + asThis);
            scores.add(new ClassScore(labels.get(k), ratio(right, asThis), ratio(right, support), f1, support));
        }
        return List.copyOf(scores);
    }

    /** {@code [label][predicted]}, counts. */
    public List<List<Integer>> confusionMatrix() {
        return Arrays.stream(confusion)
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
    }

    private static double ratio(double part, int whole) {
        return whole == 0 ? 0 : part / whole;
    }
}
