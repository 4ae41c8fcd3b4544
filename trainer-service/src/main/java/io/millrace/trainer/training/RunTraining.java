// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.model.Learner;
import io.millrace.trainer.checkpoint.CheckpointWriter;
import io.millrace.trainer.checkpoint.Checkpointer;
import io.millrace.trainer.checkpoint.Resumption;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.consume.RunFailedException;
import io.millrace.trainer.training.RunOpening.Opened;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * One run from where it stands to its end: finds its newest checkpoint, opens learner, reader and writer, and closes them
 * again whatever happens. For the training thread, except {@link #progress}.
 */
final class RunTraining {
    private static final Logger LOGGER = Logger.getLogger(RunTraining.class);
    private static final Duration GLANCE = Duration.ofMillis(200);
    /** A failed run's last good checkpoint is waited for, but not for ever. */
    private static final Duration LAST_GOOD = Duration.ofSeconds(30);

    private final RunSpec run;
    private final Workshop workshop;
    private volatile TrainingLoop loop;

    RunTraining(RunSpec run, Workshop workshop) {
        this.run = run;
        this.workshop = workshop;
    }

    /** How the run stands; empty before it begins. */
    Optional<Progress> progress() {
        return Optional.ofNullable(loop).map(TrainingLoop::progress);
    }

    /** Trains to the end; empty when the process is to stop before. */
    Optional<Ending> train() throws InterruptedException {
        try {
            return open().map(status -> new Ending(status, Outcome.FINISHED));
        } catch (RunFailedException e) {
            return Optional.of(failed(e));
        } catch (IllegalArgumentException e) {
            // The model refuses what it was asked for, and says what.
            return Optional.of(new Ending(failed(e.getMessage()), Outcome.FAILED));
        } catch (RuntimeException | Error e) {
            // Not the run's fault, as far as anybody can tell here: the process ends, and the next one resumes.
            Deaths.note(folder(), progress().map(Progress::step).orElse(0L), e);
            throw e;
        }
    }

    private Path folder() {
        return workshop.settings().store().resolve(run.runId());
    }

    private Optional<RunStatus> open() throws InterruptedException, RunFailedException {
        Optional<Opened> opened = RunOpening.open(run, workshop);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        Optional<Resumption> resumption = opened.get().resumption();
        try (Learner learner = opened.get().learner()) {
            Optional<CheckpointWriter> writer = workshop.patience()
                    .attempt("open the log of run " + run.runId(), () -> writer(learner, resumption));
            return writer.isEmpty() ? Optional.empty() : with(learner, writer.get(), resumption);
        }
    }

    private CheckpointWriter writer(Learner learner, Optional<Resumption> resumption) throws IOException {
        return new CheckpointWriter(
                run, learner.precision(), workshop.store(), folder(), workshop.announcer(), resumption);
    }

    private Optional<RunStatus> with(Learner learner, CheckpointWriter writer, Optional<Resumption> resumption)
            throws InterruptedException, RunFailedException {
        Optional<CheckpointPublished> again = resumption.map(Resumption::announcement);
        try (Checkpointer checkpointer =
                        new Checkpointer(writer, again, workshop.settings().retry(), workshop.checkpointObserver());
                BatchReader reader = reader(resumption)) {
            loop = new TrainingLoop(
                    run,
                    workshop.settings().statsEverySteps(),
                    learner,
                    reader,
                    checkpointer,
                    workshop.trainingObserver(),
                    resumption);
            try (StatusReporter reporter = new StatusReporter(
                    loop::progress, workshop.statuses(), workshop.settings().statusEvery())) {
                reporter.start();
                return steps(checkpointer);
            } catch (RunFailedException e) {
                checkpointer.awaitIdle(LAST_GOOD);
                throw e;
            }
        }
    }

    private BatchReader reader(Optional<Resumption> resumption) {
        return new BatchReader(
                workshop.settings().reader(),
                run,
                resumption.map(Resumption::step).orElse(0L),
                resumption.map(Resumption::nextOffsets).orElse(Map.of()),
                workshop.queue(),
                workshop.consumeObserver());
    }

    private Optional<RunStatus> steps(Checkpointer checkpointer) throws InterruptedException, RunFailedException {
        while (!loop.complete() && !stopping()) {
            refuse();
            checkpointer.check();
            loop.advance();
        }
        if (!loop.complete()) {
            return leave(checkpointer);
        }
        while (!checkpointer.awaitIdle(GLANCE)) {
            if (stopping()) {
                return Optional.empty();
            }
            refuse();
            checkpointer.check();
        }
        return Optional.of(loop.progress().status(State.FINISHED, null));
    }

    /** The process ends in the middle of the run: what was trained since the last checkpoint is kept if it is worth it. */
    private Optional<RunStatus> leave(Checkpointer checkpointer) throws InterruptedException, RunFailedException {
        if (loop.stepsSinceSnapshot() >= workshop.settings().shutdownCheckpointSteps()) {
            loop.snapshot();
        }
        if (!checkpointer.awaitIdle(workshop.settings().shutdownTimeout())) {
            LOGGER.warnf("The last checkpoint could not be written in time. runId=%s", run.runId());
        }
        return Optional.empty();
    }

    private boolean stopping() {
        return workshop.stopping().getCount() == 0;
    }

    private void refuse() throws RunFailedException {
        Optional<String> refusal = workshop.queue().refusal(run.runId());
        if (refusal.isPresent()) {
            throw new RunFailedException(refusal.get());
        }
    }

    /** A run that was stopped leaves a gap; then the gap is not the reason. */
    private Ending failed(RunFailedException failure) {
        Optional<String> refusal = refusalNow();
        if (refusal.isPresent()) {
            return new Ending(failed(refusal.get()), Outcome.REFUSED);
        }
        Outcome outcome = failure instanceof DivergedException ? Outcome.DIVERGED : Outcome.FAILED;
        return new Ending(failed(failure.getMessage()), outcome);
    }

    private Optional<String> refusalNow() {
        try {
            return workshop.queue().refusalNow(run.runId());
        } catch (KafkaException e) {
            LOGGER.debug("The log of runs cannot be read now", e);
            return workshop.queue().refusal(run.runId());
        }
    }

    private RunStatus failed(String reason) {
        TrainingLoop begun = loop;
        return begun == null
                ? Endings.failed(run, workshop.queue().statusOf(run.runId()), reason)
                : begun.progress().status(State.FAILED, reason);
    }
}
