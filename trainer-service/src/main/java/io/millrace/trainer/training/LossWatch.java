// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.StepStats;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Reads the learner's statistics and ends a run that diverged: whose loss or weights are not finite, or whose loss stays
 * far above that of guessing, {@code ln(classes)}. A first step at a high learning rate may be as bad and come right, so
 * that counts only over {@value #WINDOW} steps twice in a row, or once where the run ends with them and nothing can come
 * right any more; and never among the first {@value #WINDOW} steps, or in the warm-up. For the training thread.
 */
final class LossWatch {
    /** Steps that are judged together. */
    static final int WINDOW = 20;
    /** So many times the loss of guessing is no learning. */
    static final double TOO_HIGH = 10;

    private final Supplier<StepStats> source;
    private final double bound;
    private final long graceSteps;
    private final long steps;
    private final Mean window = new Mean();
    private long windowBegin;
    private boolean warned;
    private Double loss;
    private Double accuracy;

    /** Of what was measured since it was taken last: losses of all samples. */
    final Mean sinceSnapshot = new Mean();
    /** As {@link #sinceSnapshot}, since a point of the curves. */
    final Mean sincePoint = new Mean();
    /** As {@link #sincePoint}, of the accuracy. */
    final Mean accuracySincePoint = new Mean();
    /** As {@link #sinceSnapshot}, since an epoch began. */
    final Mean sinceEpoch = new Mean();

    /** @param begin steps done already */
    LossWatch(RunSpec run, long begin, Supplier<StepStats> source) {
        this.source = source;
        this.windowBegin = begin;
        this.steps = run.steps();
        this.bound = TOO_HIGH * Math.log(Math.max(2, run.dataset().classes().size()));
        this.graceSteps = Math.max(
                WINDOW, run.recipe().schedule().warmupSteps((long) run.recipe().epochs() * run.batchesPerEpoch()));
    }

    /** The mean over samples that were added in lots. */
    static final class Mean {
        private double sum;
        private long samples;

        void add(double mean, long more) {
            sum += mean * more;
            samples += more;
        }

        long samples() {
            return samples;
        }

        /** The mean, or null over nothing; begins anew. */
        Double take() {
            Double mean = samples == 0 ? null : sum / samples;
            sum = 0;
            samples = 0;
            return mean;
        }
    }

    /**
     * Reads what the steps since the previous reading came to.
     *
     * @param step the latest one, from 1
     * @throws RunFailedException when the run diverged
     */
    void read(long step, double learningRate) throws RunFailedException {
        StepStats stats = source.get();
        if (stats.samples() == 0) {
            return;
        }
        requireFinite("loss", stats.loss(), step, learningRate);
        loss = stats.loss();
        accuracy = stats.accuracy();
        for (Mean mean : List.of(sinceSnapshot, sincePoint, sinceEpoch, window)) {
            mean.add(loss, stats.samples());
        }
        accuracySincePoint.add(accuracy, stats.samples());
        judge(step, learningRate);
    }

    private void judge(long step, double learningRate) throws RunFailedException {
        boolean end = step >= steps;
        if (step <= graceSteps) {
            window.take();
            windowBegin = step;
        } else if (end || step - windowBegin >= WINDOW) {
            double mean = window.take();
            if (mean > bound && (warned || end)) {
                throw diverged(
                        String.format(
                                Locale.ROOT, "loss is %.4g, more than %.0f times that of guessing", mean, TOO_HIGH),
                        step,
                        learningRate);
            }
            warned = mean > bound;
            windowBegin = step;
        }
    }

    /**
     * Refuses weights that no checkpoint must hold: a step may ruin them and still have had a finite loss before.
     *
     * @throws RunFailedException when one of them is not finite
     */
    static void check(List<Tensor> weights, long step, double learningRate) throws RunFailedException {
        for (Tensor tensor : weights) {
            FloatBuffer values = tensor.data().asFloatBuffer();
            // Finite times 0 is 0, anything else becomes NaN and stays so: one test per tensor, not per weight.
            float zero = 0;
            for (int k = 0; k < values.limit(); k++) {
                zero += values.get(k) * 0;
            }
            if (zero != 0) {
                throw diverged("weights " + tensor.name() + " are not finite", step, learningRate);
            }
        }
    }

    /**
     * Refuses a figure that nothing can be decided by.
     *
     * @throws RunFailedException when it is not finite
     */
    static void requireFinite(String what, double value, long step, double learningRate) throws RunFailedException {
        if (!Double.isFinite(value)) {
            throw diverged(what + " is not finite", step, learningRate);
        }
    }

    private static RunFailedException diverged(String what, long step, double learningRate) {
        return new RunFailedException(
                Outcome.DIVERGED, what + " at step " + step + " (learning rate " + learningRate + ")");
    }

    /** Mean over the latest steps; null before there are any. */
    Double loss() {
        return loss;
    }

    /** Over the latest steps, 0 to 1; null before there are any. */
    Double accuracy() {
        return accuracy;
    }
}
