// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.model.Learner;
import io.millrace.model.RefusedRequestException;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.checkpoint.Checkpointer;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.publish.RunWriter;
import io.millrace.trainer.training.RunOpening.Opened;
import io.millrace.trainer.training.Trainer.Tools;
import io.millrace.trainer.validation.Validation;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * One run from where it stands to its end: takes it over, opens learner, reader and writers, and closes them again whatever
 * happens. For the training thread, except {@link #progress} and {@link #problem}.
 */
final class RunTraining {
    private static final Logger LOGGER = Logger.getLogger(RunTraining.class);
    private static final Duration GLANCE = Duration.ofMillis(200);
    /** A failed run's last good checkpoint is waited for, but not for ever. */
    private static final Duration LAST_GOOD = Duration.ofSeconds(30);

    private final RunSpec run;
    private final Tools tools;
    private final RunWriter writer;
    private volatile BatchReader reader;
    private volatile TrainingLoop loop;

    RunTraining(RunSpec run, Tools tools) {
        this.run = run;
        this.tools = tools;
        this.writer = tools.writer(run.incarnation());
    }

    /** How the run stands; empty before it begins. */
    Optional<Progress> progress() {
        return Optional.ofNullable(loop).map(TrainingLoop::progress);
    }

    /** Why it does not get on with Kafka; empty while it does. */
    Optional<String> problem() {
        return writer.problem().or(() -> Optional.ofNullable(reader).flatMap(BatchReader::problem));
    }

    /**
     * Trains to the end, and tells it.
     *
     * @throws LeftAloneException when it is another process's now; nothing is told then
     * @throws StoppedException when the process is to stop before
     */
    void train() throws InterruptedException, StoppedException, LeftAloneException {
        try (writer) {
            try {
                RunOpening.requireAble(tools.queue().statusOf(run).map(RunStatus::compute));
                writer.open();
                open();
                end(loop.progress().finished(), Outcome.FINISHED);
            } catch (RunFailedException e) {
                end(failed(e.getMessage()), e.outcome());
            } catch (RefusedRequestException e) {
                end(failed(e.getMessage()), Outcome.FAILED);
            }
        } catch (RuntimeException | Error e) {
            // Not the run's fault, as far as anybody can tell here: the process ends, and the next one resumes.
            note(() -> tools.store().noteDeath(run.incarnation(), e.toString()));
            throw e;
        }
    }

    private void open() throws InterruptedException, StoppedException, LeftAloneException, RunFailedException {
        if (run.start() != null) {
            // To fetch weights may take minutes, in which nobody else is to take the run up.
            writer.report(() -> Optional.of(Progress.before(run, tools.queue().statusOf(run), State.RUNNING, null)));
        }
        Opened opened = RunOpening.open(run, tools);
        try (Learner learner = opened.learner();
                Checkpointer checkpointer = new Checkpointer(
                        run,
                        learner.compute(),
                        opened.start(),
                        opened.checkpoints(),
                        opened.best(),
                        tools.store(),
                        writer,
                        tools.patience(),
                        tools.metrics());
                BatchReader opening = reader(opened.position());
                Validation validation = new Validation(tools.connection(), run, opened.validation())) {
            writer.announcedBefore(opened.checkpoints());
            opened.points().forEach(writer::add);
            if (!opened.announcements().isEmpty()) {
                writer.announce(opened.announcements(), opened.checkpoints());
            }
            tools.queue().begun(run.runId());
            reader = opening;
            loop = new TrainingLoop(run, tools, learner, opening, validation, checkpointer, writer, opened);
            writer.report(() -> Optional.of(loop.progress().status(State.RUNNING, null)));
            try {
                steps(checkpointer);
            } catch (RunFailedException e) {
                checkpointer.awaitIdle(LAST_GOOD);
                writer.awaitIdle(LAST_GOOD);
                throw e;
            }
        }
    }

    private BatchReader reader(Position from) {
        return new BatchReader(
                tools.connection(),
                run,
                from,
                tools.config().prefetch().steps(),
                tools.config().prefetch().bytes().asLongValue(),
                tools.metrics());
    }

    private void steps(Checkpointer checkpointer)
            throws InterruptedException, StoppedException, LeftAloneException, RunFailedException {
        while (!loop.complete() && !tools.patience().stopping()) {
            check(checkpointer);
            loop.advance();
        }
        if (!loop.complete()) {
            leave(checkpointer);
        }
        while (!checkpointer.awaitIdle(GLANCE) || !writer.awaitIdle(GLANCE)) {
            tools.patience().requireGoing();
            check(checkpointer);
        }
    }

    private void check(Checkpointer checkpointer) throws LeftAloneException, RunFailedException {
        Optional<String> refusal = tools.queue().refusal(run.runId());
        if (refusal.isPresent()) {
            throw new RunFailedException(Outcome.REFUSED, refusal.get());
        }
        if (tools.queue()
                .spec(run.runId())
                .filter(asked -> !asked.incarnation().equals(run.incarnation()))
                .isPresent()) {
            throw new LeftAloneException("another run was ordered under its name");
        }
        checkpointer.check();
        writer.check();
    }

    /** The process ends in the middle of the run: what was trained since the last checkpoint is kept if it is worth it. */
    private void leave(Checkpointer checkpointer) throws InterruptedException, StoppedException, RunFailedException {
        if (loop.stepsSinceSnapshot() >= tools.config().shutdownCheckpointSteps()) {
            loop.snapshot();
        }
        long deadline = System.nanoTime() + tools.config().shutdownTimeout().toNanos();
        if (!checkpointer.awaitIdle(tools.config().shutdownTimeout())) {
            LOGGER.warnf("The last checkpoint could not be written in time. runId=%s", run.runId());
        }
        writer.awaitIdle(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        note(() -> tools.store().clearAttempts(run.incarnation()));
        tools.patience().requireGoing();
    }

    private RunStatus failed(String reason) {
        TrainingLoop begun = loop;
        return begun == null
                ? Progress.before(run, tools.queue().statusOf(run), State.FAILED, reason)
                : begun.progress().status(State.FAILED, reason);
    }

    private void end(RunStatus last, Outcome outcome)
            throws InterruptedException, StoppedException, LeftAloneException {
        LOGGER.infof(
                "Run %s. runId=%s step=%d%s",
                outcome.name().toLowerCase(Locale.ROOT),
                last.runId(),
                last.step(),
                last.reason() == null ? "" : " reason=\"" + last.reason() + '"');
        note(() -> tools.store().clearAttempts(run.incarnation()));
        writer.end(last);
        tools.queue().told(last);
        tools.metrics().ended(outcome);
    }

    /** Something for the store that need not succeed. */
    @FunctionalInterface
    private interface Note {
        void write() throws IOException;
    }

    private void note(Note note) {
        try {
            note.write();
        } catch (IOException e) {
            LOGGER.warnf("How the attempt at the run ended was not noted. runId=%s reason=\"%s\"", run.runId(), e);
        }
    }
}
