// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;
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
import io.millrace.trainer.validation.Validation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The loop over the steps of one run, from a fresh or a restored learner on. All hyper-parameters are the recipe's. A step
 * is a place in the run: where a batch of it is lost, the step goes without, and its number counts all the same. For the
 * training thread, except {@link #progress}.
 */
final class TrainingLoop implements Loop {
    private static final Logger LOGGER = Logger.getLogger(TrainingLoop.class);
    private static final Duration POLL = Duration.ofMillis(100);
    /** Where processes die again and again, a checkpoint is worth the wait. */
    static final Duration CAREFUL = Duration.ofSeconds(30);

    private final RunSpec run;
    private final TrainerConfig config;
    private final Learner learner;
    private final BatchReader reader;
    private final Validation validation;
    private final Checkpointer checkpointer;
    private final RunWriter writer;
    private final TrainerMetrics metrics;
    private final LearningRateSchedule schedule;
    private final Ledger ledger;
    private final LossWatch loss;
    private final StepTimer timer;
    private final Lineage start;
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
            Validation validation,
            Checkpointer checkpointer,
            RunWriter writer,
            Opened from) {
        this.run = run;
        this.config = tools.config();
        this.metrics = tools.metrics();
        this.learner = learner;
        this.reader = reader;
        this.validation = validation;
        this.checkpointer = checkpointer;
        this.writer = writer;
        schedule = LearningRateSchedule.of(run);
        ledger = new Ledger(from.position());
        loss = new LossWatch(run, from.position().step(), learner::stats);
        timer = new StepTimer(from.position());
        start = from.start();
        begin = ledger.step();
        careful = from.careful();
        lastSnapshot = begin;
        progress = current();
    }

    @Override
    public boolean complete() {
        return ledger.step() >= run.steps() || validation.stop().isPresent();
    }

    @Override
    public Progress progress() {
        return progress.with(new Around(
                writer.announced(),
                checkpointer.problem().or(writer::problem).orElse(null),
                validation.problem().orElse(null),
                reader.lacks().orElse(null)));
    }

    @Override
    public long stepsSinceSnapshot() {
        return ledger.step() - lastSnapshot;
    }

    @Override
    public Optional<String> problem() {
        return reader.problem();
    }

    @Override
    public void advance() throws InterruptedException, RunFailedException {
        if (!validation.isReady(POLL)) {
            return;
        }
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
        learningRate = validation.rate(schedule.at(ledger.step()));
        timer.begin();
        if (learner.beginEpoch((int) (ledger.step() / run.batchesPerEpoch()))) {
            LOGGER.infof("What was frozen is trained from now on. runId=%s step=%d", run.runId(), ledger.step());
        }
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
        List<Tensor> weights = checkpointDue() ? weights() : List.of();
        if (epochEnds()) {
            validate(weights);
        }
        ledger.requireEnough(run, config.maxLostRatio(), complete());
        if (pointDue) {
            writer.add(progress.point(loss.sincePoint.take(), loss.accuracySincePoint.take()));
        }
        if (checkpointDue()) {
            snapshot(weights);
        }
        if (epochEnds()) {
            sayEpochEnded();
        }
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

    /** Copies of the weights as they stand. */
    private List<Tensor> weights() throws RunFailedException {
        List<Tensor> weights = learner.weights();
        LossWatch.check(weights, ledger.step(), learningRate);
        return weights;
    }

    /** What is decided here holds from the next step on. */
    private void validate(List<Tensor> weights) throws RunFailedException {
        Optional<Validated> validated = validation.score(progress.epoch(), ledger.step(), weights);
        if (validated.isPresent()) {
            LossWatch.requireFinite("validation loss", validated.get().loss(), ledger.step(), learningRate);
            progress = current();
            metrics.progressed(progress);
        }
    }

    @Override
    public void snapshot() throws RunFailedException, InterruptedException {
        loss.read(ledger.step(), learningRate);
        snapshot(weights());
    }

    private void snapshot(List<Tensor> weights) throws InterruptedException {
        long lossSamples = loss.sinceSnapshot.samples();
        Double meanLoss = loss.sinceSnapshot.take();
        Position position = ledger.take(progress.epoch(), timer.time(), meanLoss == null ? 0 : meanLoss);
        checkpointer.submit(new Snapshot(
                position,
                lossSamples,
                ledger.takeLines(),
                weights,
                learner.optimizerState(),
                validation.history(),
                complete()));
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

    @Override
    public void close() {
        reader.close();
    }
}
