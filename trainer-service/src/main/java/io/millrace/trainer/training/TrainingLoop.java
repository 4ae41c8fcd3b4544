// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Learner;
import io.millrace.trainer.TrainerConfig;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.consume.StepInput;
import io.millrace.trainer.consume.StepSource;
import io.millrace.trainer.training.Progress.Around;
import io.millrace.trainer.training.RunOpening.Opened;
import io.millrace.trainer.validation.Validation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
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
    private final StepSource reader;
    private final Validation validation;
    private final Outlet outlet;
    private final TrainerMetrics metrics;
    private final Course course;
    private final Ledger ledger;
    private final long begin;
    private final boolean careful;

    private long waiting;

    TrainingLoop(
            RunSpec run,
            TrainerConfig config,
            TrainerMetrics metrics,
            Learner learner,
            StepSource reader,
            Validation validation,
            Outlet outlet,
            Opened from) {
        this.run = run;
        this.config = config;
        this.metrics = metrics;
        this.learner = learner;
        this.reader = reader;
        this.validation = validation;
        this.outlet = outlet;
        course = new Course(run, config, metrics, learner, from, validation, true, learner::stats);
        ledger = course.ledger;
        begin = ledger.step();
        careful = from.careful();
    }

    @Override
    public boolean complete() {
        return course.complete();
    }

    @Override
    public Progress progress() {
        return course.progress()
                .with(new Around(
                        outlet.announced(),
                        outlet.problem().orElse(null),
                        validation.problem().orElse(null),
                        reader.lacks().orElse(null)));
    }

    @Override
    public long stepsSinceSnapshot() {
        return course.stepsSinceSnapshot();
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
            course.timer.waited(waiting);
            waiting = 0;
            step(input.get());
        }
    }

    private void step(StepInput input) throws RunFailedException, InterruptedException {
        double learningRate = course.rate(ledger.step());
        course.timer.begin();
        if (learner.beginEpoch(course.epochs())) {
            LOGGER.infof("What was frozen is trained from now on. runId=%s step=%d", run.runId(), ledger.step());
        }
        if (!input.batches().isEmpty()) {
            learner.step(input.batches(), learningRate);
        }
        long lostBefore = ledger.lostBatches();
        ledger.enter(input);
        boolean pointDue = ledger.step() % config.statsEverySteps() == 0 || course.epochEnds();
        // The process before knew a loss; until this one does too, nobody can tell how the run stands.
        boolean resumed = begin > 0 && ledger.step() == begin + 1;
        if (pointDue || resumed || checkpointDue()) {
            course.readLoss();
        }
        long nanos = course.timer.end(input.samples());
        course.move();
        metrics.stepped(course.progress(), input.samples(), ledger.lostBatches() - lostBefore, nanos);
        List<Tensor> weights = checkpointDue() ? course.weights() : List.of();
        if (course.epochEnds()) {
            course.validate(weights);
        }
        course.requireEnough();
        if (pointDue) {
            outlet.add(course.point());
        }
        if (checkpointDue()) {
            snapshot(weights);
        }
        if (course.epochEnds()) {
            course.sayEpochEnded();
        }
    }

    private boolean checkpointDue() {
        int every = run.recipe().checkpointEverySteps();
        return course.epochEnds()
                || (every > 0 && ledger.step() % every == 0)
                || earlyCheckpointDue()
                || outlet.wants(ledger.step());
    }

    /** After the 1st, 2nd, 4th, 8th, … step of this process. */
    private boolean earlyCheckpointDue() {
        return careful && Long.bitCount(ledger.step() - begin) == 1;
    }

    @Override
    public void snapshot() throws RunFailedException, InterruptedException {
        course.readLoss();
        snapshot(course.weights());
    }

    private void snapshot(List<Tensor> weights) throws InterruptedException {
        outlet.submit(course.snapshot(weights, learner.optimizerState(), UnaryOperator.identity()));
        if (earlyCheckpointDue()) {
            outlet.awaitIdle(CAREFUL);
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
