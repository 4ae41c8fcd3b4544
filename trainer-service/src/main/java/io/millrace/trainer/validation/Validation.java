// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.validation;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.Predictions;
import io.millrace.model.Scorer;
import io.millrace.model.ScoringEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The validation of a run: scores its weights at the end of each epoch and keeps what was decided. The weights are scored
 * as the evaluator scores them and the inference-service serves them, in float32 with BatchNorm's running statistics,
 * by a module of their own, made of a copy: so nothing of the training is touched, and a decision does not depend on the
 * precision that the run trains in. It has nothing to do for a run without such a split. For the training thread, except
 * {@link #problem}.
 */
public final class Validation implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(Validation.class);

    private final RunSpec run;
    /** Null where there is none. */
    private final ValidationSplit split;

    private final List<Validated> history;

    /** @param history what was decided up to the step that training goes on from */
    public Validation(KafkaConnection connection, RunSpec run, List<Validated> history) {
        this.run = run;
        this.split = run.dataset().validation() == null ? null : new ValidationSplit(connection, run);
        this.history = new ArrayList<>(history);
    }

    /**
     * Waits a moment until the split can be read; false when it cannot.
     *
     * @throws io.millrace.model.RefusedRequestException when it is not the one that the run was ordered with
     */
    public boolean isReady(Duration atMost) throws InterruptedException {
        return split == null || split.isWhole(atMost);
    }

    /** Why the split is not there; empty while it is. */
    public Optional<String> problem() {
        return Optional.ofNullable(split).flatMap(ValidationSplit::problem);
    }

    /**
     * Scores the weights at the end of an epoch, and decides.
     *
     * @return what; empty where there is no split
     */
    public Optional<Validated> score(int epoch, long step, List<Tensor> weights) {
        if (split == null) {
            return Optional.empty();
        }
        long begin = System.nanoTime();
        Dataset data = run.dataset();
        double loss = 0;
        long right = 0;
        // By the engine that trains, which the run's compute names: what is decided here belongs to the run.
        try (Scorer scorer = Scorer.of(
                ScoringEngine.PYTORCH, run.network(), data.normalization(), data.height(), data.width(), weights)) {
            for (ImageBatch batch : split.batches()) {
                Predictions predictions = scorer.score(batch);
                for (int k = 0; k < batch.size(); k++) {
                    int label = batch.labels()[k];
                    loss += predictions.loss(k, label);
                    right += predictions.predicted(k) == label ? 1 : 0;
                }
            }
        }
        int samples = data.validation().samples();
        Optional<Validated> before = latest();
        Validated latest = Decisions.at(run, history, epoch, step, loss / samples, (double) right / samples);
        history.add(latest);
        say(latest, before, (System.nanoTime() - begin) / 1e9);
        return Optional.of(latest);
    }

    private void say(Validated latest, Optional<Validated> before, double seconds) {
        LOGGER.infof(
                "Validated. runId=%s epoch=%d step=%d loss=%.4f accuracy=%.4f%s seconds=%.2f",
                run.runId(),
                latest.epoch(),
                latest.step(),
                latest.loss(),
                latest.accuracy(),
                latest.best() == null ? "" : " best=" + latest.best(),
                seconds);
        if (latest.learningRate() != null
                && latest.learningRate() < before.map(Validated::learningRate).orElse(latest.learningRate())) {
            LOGGER.infof(
                    "The loss no longer falls: the learning rate is lowered. runId=%s fromStep=%d learningRate=%s",
                    run.runId(), latest.step() + 1, latest.learningRate());
        }
        if (latest.stop() != null) {
            LOGGER.infof("The run ends. runId=%s reason=\"%s\"", run.runId(), latest.stop());
        }
    }

    /**
     * The learning rate of the next step.
     *
     * @param scheduled what its schedule says, which knows of a warm-up, and of no decision
     */
    public double rate(double scheduled) {
        double peak = run.recipe().schedule().learningRate();
        return latest().map(Validated::learningRate)
                .map(decided -> decided * (scheduled / peak))
                .orElse(scheduled);
    }

    /** What was said last; empty before the first epoch has ended. */
    public Optional<Validated> latest() {
        return history.isEmpty() ? Optional.empty() : Optional.of(history.get(history.size() - 1));
    }

    /** Why the run ends before its time; empty when it does not. */
    public Optional<String> stop() {
        return latest().map(Validated::stop);
    }

    /** All that was said so far, by epoch. */
    public List<Validated> history() {
        return List.copyOf(history);
    }

    @Override
    public void close() {
        if (split != null) {
            split.close();
        }
    }
}
