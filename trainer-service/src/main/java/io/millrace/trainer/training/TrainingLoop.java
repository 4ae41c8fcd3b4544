// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Learner;
import io.millrace.model.schedule.LearningRateSchedule;
import io.millrace.trainer.checkpoint.Checkpointer;
import io.millrace.trainer.checkpoint.Resumption;
import io.millrace.trainer.checkpoint.Snapshot;
import io.millrace.trainer.checkpoint.Snapshot.LossSum;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.consume.RunFailedException;
import io.millrace.trainer.consume.StepInput;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The loop over the steps of one run, from a fresh or a restored learner on. All hyper-parameters are the recipe's. A step
 * is a place in the run: where a record of it could not be read, the step goes without, and its number counts all the
 * same. For the training thread, except {@link #progress}.
 */
final class TrainingLoop {
    private static final Logger LOGGER = Logger.getLogger(TrainingLoop.class);
    private static final Duration POLL = Duration.ofMillis(100);

    private final RunSpec run;
    private final int statsEverySteps;
    private final Learner learner;
    private final BatchReader reader;
    private final Checkpointer checkpointer;
    private final TrainingObserver observer;
    private final LearningRateSchedule schedule;
    private final Ledger ledger;
    private final LossWatch loss;
    private final StepTimer timer;
    private LossSum lossBeforeEpoch = LossSum.NONE;
    /** The process before knew a loss; until this one does too, nobody can tell how the run stands. */
    private boolean resumed;

    private double learningRate;
    private long waiting;
    private long lastSnapshot;
    private volatile Progress progress;

    TrainingLoop(
            RunSpec run,
            int statsEverySteps,
            Learner learner,
            BatchReader reader,
            Checkpointer checkpointer,
            TrainingObserver observer,
            Optional<Resumption> resumption) {
        this.run = run;
        this.statsEverySteps = statsEverySteps;
        this.learner = learner;
        this.reader = reader;
        this.checkpointer = checkpointer;
        this.observer = observer;
        schedule = LearningRateSchedule.of(run.recipe().schedule(), run.steps());
        ledger = new Ledger(resumption);
        loss = new LossWatch(learner::stats);
        timer = new StepTimer(
                resumption.map(Resumption::trainSeconds).orElse(0.0),
                resumption.map(Resumption::waitSeconds).orElse(0.0));
        lastSnapshot = ledger.step();
        resumed = resumption.isPresent();
        progress = current();
    }

    /** Whether all steps are done. */
    boolean complete() {
        return ledger.step() >= run.steps();
    }

    /** How the run stands. Any thread. */
    Progress progress() {
        return progress.withCheckpoints(
                checkpointer.announced(), checkpointer.problem().orElse(null));
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
        long begin = System.nanoTime();
        Optional<StepInput> input = reader.poll(POLL);
        waiting += System.nanoTime() - begin;
        if (input.isPresent()) {
            observer.waited(waiting);
            timer.waited(waiting);
            waiting = 0;
            step(input.get());
        }
    }

    private void step(StepInput input) throws RunFailedException {
        learningRate = schedule.at(ledger.step());
        timer.begin();
        if (!input.batches().isEmpty()) {
            learner.step(input.batches(), learningRate);
        }
        ledger.enter(input);
        if (ledger.step() % statsEverySteps == 0 || resumed || checkpointDue()) {
            loss.read(ledger.step(), learningRate);
            resumed = false;
        }
        long nanos = timer.end(input.samples());
        reader.trained(input);
        progress = current();
        observer.stepped(progress, input.samples(), nanos);
        if (checkpointDue()) {
            snapshot();
        }
        if (ledger.step() % run.batchesPerEpoch() == 0) {
            epochEnded();
        }
    }

    private boolean checkpointDue() {
        int every = run.recipe().checkpointEverySteps();
        return complete() || ledger.step() % run.batchesPerEpoch() == 0 || (every > 0 && ledger.step() % every == 0);
    }

    /** Copies the run as it stands and has it written. */
    void snapshot() throws RunFailedException {
        loss.read(ledger.step(), learningRate);
        List<Tensor> weights = learner.weights();
        LossWatch.check(weights, ledger.step(), learningRate);
        TrainingTime time = timer.time();
        checkpointer.submit(new Snapshot(
                ledger.step(),
                progress.epoch(),
                ledger.samples(),
                loss.sum(),
                ledger.firstOffsets(),
                ledger.nextOffsets(),
                ledger.batchesDigest(),
                ledger.takeLines(),
                time.trainSeconds(),
                time.waitedSeconds(),
                weights,
                learner.optimizerState(),
                complete()));
        lastSnapshot = ledger.step();
    }

    private void epochEnded() {
        LOGGER.infof(
                "Epoch done. runId=%s epoch=%d step=%d loss=%.4f accuracy=%.4f learningRate=%.6f imagesPerSecond=%.0f waitRatio=%.3f",
                run.runId(),
                progress.epoch(),
                progress.step(),
                loss.sum().meanSince(lossBeforeEpoch),
                loss.accuracy(),
                learningRate,
                progress.time().imagesPerSecond(),
                progress.time().waitRatio());
        lossBeforeEpoch = loss.sum();
    }

    private Progress current() {
        return new Progress(
                run,
                ledger.step(),
                ledger.samples(),
                0,
                null,
                timer.time(),
                loss.loss(),
                loss.accuracy(),
                learningRate,
                learner.precision());
    }
}
