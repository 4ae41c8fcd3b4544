// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Learner;
import io.millrace.model.StepStats;
import io.millrace.model.schedule.LearningRateSchedule;
import io.millrace.trainer.TrainerConfig;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.checkpoint.Snapshot;
import io.millrace.trainer.training.Progress.Around;
import io.millrace.trainer.training.RunOpening.Opened;
import io.millrace.trainer.validation.Validation;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * The course of a run, whichever way its steps are made: what was trained, what it came to, how long it took, and what is
 * told of that. For the training thread, except {@link #progress}.
 */
final class Course {
    private static final Logger LOGGER = Logger.getLogger(Course.class);

    private final RunSpec run;
    private final Learner learner;
    private final Validation validation;
    private final TrainerMetrics metrics;
    private final double maxLostRatio;
    private final boolean judges;
    private final Lineage start;
    private final LearningRateSchedule schedule;

    /** Its books. */
    final Ledger ledger;
    /** What its steps came to. */
    final LossWatch loss;
    /** How long they took. */
    final StepTimer timer;

    private double learningRate;
    private long lastSnapshot;
    private volatile Progress progress;

    /**
     * From where a run was opened.
     *
     * @param judges whether it is for this worker to say that the run has failed: of a run in rounds, the others began
     *     elsewhere and may be set otherwise
     * @param stats what the steps since it was asked last came to
     */
    Course(
            RunSpec run,
            TrainerConfig config,
            TrainerMetrics metrics,
            Learner learner,
            Opened from,
            Validation validation,
            boolean judges,
            Supplier<StepStats> stats) {
        this.run = run;
        this.learner = learner;
        this.validation = validation;
        this.metrics = metrics;
        this.maxLostRatio = config.maxLostRatio();
        this.judges = judges;
        start = from.start();
        schedule = LearningRateSchedule.of(run);
        ledger = new Ledger(from.position());
        loss = new LossWatch(run, from.position().step(), stats);
        timer = new StepTimer(from.position());
        lastSnapshot = ledger.step();
        move();
    }

    boolean complete() {
        return ledger.step() >= run.steps() || validation.stop().isPresent();
    }

    /** As it stood when it moved last. Any thread. */
    Progress progress() {
        return progress;
    }

    /** Steps that no checkpoint holds, not even one that is being written. */
    long stepsSinceSnapshot() {
        return ledger.step() - lastSnapshot;
    }

    /** Whether the latest step was an epoch's last. */
    boolean epochEnds() {
        return ledger.step() % run.batchesPerEpoch() == 0;
    }

    /** Epochs that are done. */
    int epochs() {
        return (int) (ledger.step() / run.batchesPerEpoch());
    }

    /** The learning rate of a step, from 0; from now on it is told as the latest. */
    double rate(long step) {
        learningRate = validation.rate(schedule.at(step));
        return learningRate;
    }

    /** Reads what the steps since the previous reading came to. */
    void readLoss() throws RunFailedException {
        try {
            loss.read(ledger.step(), learningRate);
        } catch (RunFailedException e) {
            if (judges) {
                throw e;
            }
            LOGGER.debugf("Whoever leads the run has to judge. runId=%s reason=\"%s\"", run.runId(), e.getMessage());
        }
    }

    /** It came so far. */
    void move() {
        progress = new Progress(
                run,
                learner.compute(),
                start,
                ledger.step(),
                ledger.samples(),
                ledger.lostBatches(),
                timer.time(),
                loss.loss(),
                loss.accuracy(),
                learningRate,
                validation.latest().orElse(null),
                Around.NOTHING);
    }

    /** Copies of the weights as they stand. */
    List<Tensor> weights() throws RunFailedException {
        List<Tensor> weights = learner.weights();
        if (judges) {
            LossWatch.check(weights, ledger.step(), learningRate);
        }
        return weights;
    }

    /** An epoch has ended with these weights. What is decided here holds from the next step on. */
    void validate(List<Tensor> weights) throws RunFailedException {
        Optional<Validated> validated = validation.score(progress.epoch(), ledger.step(), weights);
        if (validated.isPresent()) {
            if (judges) {
                LossWatch.requireFinite("validation loss", validated.get().loss(), ledger.step(), learningRate);
            }
            move();
            metrics.progressed(progress);
        }
    }

    /** Refuses to go on with what learns of too little of its data. */
    void requireEnough() throws RunFailedException {
        if (judges) {
            ledger.requireEnough(run, maxLostRatio, complete());
        }
    }

    /** As a point of the run's curves, over the steps since the point before. */
    MetricPoint point() {
        return progress.point(loss.sincePoint.take(), loss.accuracySincePoint.take());
    }

    /**
     * What a checkpoint is made of; the next one begins behind it.
     *
     * @param weights copies
     * @param state of the optimizer, and of what else training goes on from
     * @param position adds what only one way of training knows
     */
    Snapshot snapshot(List<Tensor> weights, List<Tensor> state, UnaryOperator<Position> position) {
        long lossSamples = loss.sinceSnapshot.samples();
        Double meanLoss = loss.sinceSnapshot.take();
        Position taken = ledger.take(progress.epoch(), timer.time(), meanLoss == null ? 0 : meanLoss);
        lastSnapshot = ledger.step();
        return new Snapshot(
                position.apply(taken),
                lossSamples,
                ledger.takeLines(),
                weights,
                state,
                validation.history(),
                complete());
    }

    void sayEpochEnded() {
        LOGGER.infof(
                "Epoch done. runId=%s epoch=%d step=%d loss=%.4f accuracy=%.4f learningRate=%.6f imagesPerSecond=%.0f waitRatio=%.3f",
                run.runId(),
                progress.epoch(),
                progress.step(),
                loss.sinceEpoch.take(),
                loss.accuracy(),
                learningRate,
                progress.time().imagesPerSecond(),
                progress.time().waitRatio());
    }
}
