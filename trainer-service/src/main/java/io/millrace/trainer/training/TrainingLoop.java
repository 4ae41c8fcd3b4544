// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Learner;
import io.millrace.model.schedule.LearningRateSchedule;
import io.millrace.trainer.TrainerConfig;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.checkpoint.Checkpointer;
import io.millrace.trainer.checkpoint.Snapshot;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.consume.StepInput;
import io.millrace.trainer.publish.RunWriter;
import io.millrace.trainer.training.Progress.Around;
import io.millrace.trainer.training.RunOpening.Opened;
import io.millrace.trainer.training.Trainer.Tools;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The loop over the steps of one run, from a fresh or a restored learner on. All hyper-parameters are the recipe's. A step
 * is a place in the run: where a batch of it is lost, the step goes without, and its number counts all the same. For the
 * training thread, except {@link #progress}.
 */
final class TrainingLoop {
    private static final Logger LOGGER = Logger.getLogger(TrainingLoop.class);
    private static final Duration POLL = Duration.ofMillis(100);
    /** Where processes die again and again, a checkpoint is worth the wait. */
    private static final Duration CAREFUL = Duration.ofSeconds(30);

    private final RunSpec run;
    private final TrainerConfig config;
    private final Learner learner;
    private final BatchReader reader;
    private final Checkpointer checkpointer;
    private final RunWriter writer;
    private final TrainerMetrics metrics;
    private final LearningRateSchedule schedule;
    private final Ledger ledger;
    private final LossWatch loss;
    private final StepTimer timer;
    private final long begin;
    private final boolean careful;

    private double learningRate;
    private long waiting;
    private long lastSnapshot;
    private volatile Progress progress;

    TrainingLoop(
            RunSpec run,
            Tools tools,
            Learner learner,
            BatchReader reader,
            Checkpointer checkpointer,
            RunWriter writer,
            Opened from) {
        this.run = run;
        this.config = tools.config();
        this.metrics = tools.metrics();
        this.learner = learner;
        this.reader = reader;
        this.checkpointer = checkpointer;
        this.writer = writer;
        schedule = LearningRateSchedule.of(run.recipe().schedule(), run.steps(), run.batchesPerEpoch());
        ledger = new Ledger(from.position());
        loss = new LossWatch(run, from.position().step(), learner::stats);
        timer = new StepTimer(from.position());
        begin = ledger.step();
        careful = from.careful();
        lastSnapshot = begin;
        progress = current();
    }

    /** Whether all steps are done. */
    boolean complete() {
        return ledger.step() >= run.steps();
    }

    /** How the run stands. Any thread. */
    Progress progress() {
        return progress.with(new Around(
                writer.announced(),
                checkpointer.problem().or(writer::problem).orElse(null),
                reader.lacks().orElse(null)));
    }

    /** Steps that no checkpoint holds, not even one that is being written. */
    long stepsSinceSnapshot() {
        return ledger.step() - lastSnapshot;
    }

    /**
     * Waits a moment for the next step's batches and trains on them when they are there.
     *
     * @throws RunFailedException when the run cannot go on
     */
    void advance() throws InterruptedException, RunFailedException {
        long since = System.nanoTime();
        Optional<StepInput> input = reader.poll(POLL);
        waiting += System.nanoTime() - since;
        if (input.isPresent()) {
            metrics.waited(waiting);
            timer.waited(waiting);
            waiting = 0;
            step(input.get());
        }
    }

    private void step(StepInput input) throws RunFailedException, InterruptedException {
        learningRate = schedule.at(ledger.step());
        timer.begin();
        if (!input.batches().isEmpty()) {
            learner.step(input.batches(), learningRate);
        }
        long lostBefore = ledger.lostBatches();
        ledger.enter(input);
        boolean pointDue = ledger.step() % config.statsEverySteps() == 0 || epochEnds();
        // The process before knew a loss; until this one does too, nobody can tell how the run stands.
        boolean resumed = begin > 0 && ledger.step() == begin + 1;
        if (pointDue || resumed || checkpointDue()) {
            loss.read(ledger.step(), learningRate);
        }
        long nanos = timer.end(input.samples());
        progress = current();
        metrics.stepped(progress, input.samples(), ledger.lostBatches() - lostBefore, nanos);
        requireEnough();
        if (pointDue) {
            writer.add(progress.point(loss.sincePoint.take(), loss.accuracySincePoint.take()));
        }
        if (checkpointDue()) {
            snapshot();
        }
        if (epochEnds()) {
            sayEpochEnded();
        }
    }

    /** A run that learns of too little of its data must not look like one that learnt. */
    private void requireEnough() throws RunFailedException {
        long all = run.steps() * run.shards();
        long lost = ledger.lostBatches();
        if (lost > config.maxLostRatio() * all || complete() && ledger.updates() == 0) {
            throw new RunFailedException(
                    Outcome.FAILED,
                    "%d of the run's %d batches are lost, %s of them after %d steps; millrace.trainer.max-lost-ratio=%s"
                                    .formatted(lost, all, percent(lost, all), ledger.step(), config.maxLostRatio())
                            + " is what it may lose; the dead letters say why, mend that and order the run again");
        }
    }

    private static String percent(long part, long all) {
        return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / all);
    }

    private boolean epochEnds() {
        return ledger.step() % run.batchesPerEpoch() == 0;
    }

    private boolean checkpointDue() {
        int every = run.recipe().checkpointEverySteps();
        return epochEnds() || (every > 0 && ledger.step() % every == 0) || earlyCheckpointDue();
    }

    /** After the 1st, 2nd, 4th, 8th, … step of this process. */
    private boolean earlyCheckpointDue() {
        return careful && Long.bitCount(ledger.step() - begin) == 1;
    }

    /** Copies the run as it stands and has it written. */
    void snapshot() throws RunFailedException, InterruptedException {
        loss.read(ledger.step(), learningRate);
        List<Tensor> weights = learner.weights();
        LossWatch.check(weights, ledger.step(), learningRate);
        long lossSamples = loss.sinceSnapshot.samples();
        Double meanLoss = loss.sinceSnapshot.take();
        Position position = ledger.take(progress.epoch(), timer.time(), meanLoss == null ? 0 : meanLoss);
        checkpointer.submit(
                new Snapshot(position, lossSamples, ledger.takeLines(), weights, learner.optimizerState(), complete()));
        lastSnapshot = ledger.step();
        if (earlyCheckpointDue()) {
            checkpointer.awaitIdle(CAREFUL);
        }
    }

    private void sayEpochEnded() {
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

    private Progress current() {
        return new Progress(
                run,
                learner.compute(),
                ledger.step(),
                ledger.samples(),
                ledger.lostBatches(),
                timer.time(),
                loss.loss(),
                loss.accuracy(),
                learningRate,
                Around.NOTHING);
    }
}
