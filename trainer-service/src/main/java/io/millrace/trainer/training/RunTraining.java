// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.model.Learner;
import io.millrace.model.RefusedRequestException;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.checkpoint.Checkpointer;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.pool.Holding;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.publish.RunWriter;
import io.millrace.trainer.round.StrayedException;
import io.millrace.trainer.round.Strays;
import io.millrace.trainer.training.RoundsLoop.Lead;
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
final class RunTraining implements Training {
    private static final Logger LOGGER = Logger.getLogger(RunTraining.class);
    private static final Duration GLANCE = Duration.ofMillis(200);
    /** A failed run's last good checkpoint is waited for, but not for ever. */
    private static final Duration LAST_GOOD = Duration.ofSeconds(30);

    private final RunSpec run;
    private final Tools tools;
    private final RunWriter writer;
    private final Holding holding;
    private final Strays strays;
    private volatile Loop loop;

    /** @param holding that this worker has of the run: what there is, or the first replica of a run in rounds among others */
    RunTraining(RunSpec run, Holding holding, Tools tools, Strays strays) {
        this.run = run;
        this.holding = holding;
        this.tools = tools;
        this.strays = strays;
        this.writer = tools.writer(run.incarnation(), 0);
    }

    @Override
    public Optional<Progress> progress() {
        return Optional.ofNullable(loop).map(Loop::progress);
    }

    @Override
    public Optional<String> problem() {
        return writer.problem().or(() -> Optional.ofNullable(loop).flatMap(Loop::problem));
    }

    /**
     * Trains to the end, or until something else is wanted of the run, and tells it. What was trained until then is in a
     * checkpoint. Nothing is told where an exception is thrown.
     */
    @Override
    public void train() throws InterruptedException, StoppedException, LeftAloneException, StrayedException {
        try (writer) {
            try {
                RunOpening.requireAble(tools.queue().statusOf(run).map(RunStatus::compute));
                writer.open();
                open();
                if (loop.complete()) {
                    end(loop.progress().finished(), Outcome.FINISHED);
                } else {
                    left(wanted());
                }
            } catch (RunFailedException e) {
                end(failed(e.getMessage()), e.outcome());
            } catch (RefusedRequestException e) {
                end(failed(e.getMessage()), Outcome.FAILED);
            } catch (StrayedException e) {
                // Not a death, however often it happens.
                note(() -> tools.store().clearAttempts(run.incarnation()));
                throw e;
            }
        } catch (RuntimeException | Error e) {
            // Not the run's fault, as far as anybody can tell here: the process ends, and the next one resumes.
            note(() -> tools.store().noteDeath(run.incarnation(), e.toString()));
            throw e;
        }
    }

    private void open()
            throws InterruptedException, StoppedException, LeftAloneException, RunFailedException, StrayedException {
        // To fetch weights, or to measure which precision is faster, may take minutes, in which nobody else is to take
        // the run up.
        writer.report(() -> Optional.of(Progress.before(run, tools.queue().statusOf(run), State.RUNNING, null)));
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
                Validation validation = new Validation(tools.connection(), run, opened.validation());
                Loop opening = loop(opened, learner, checkpointer, validation)) {
            writer.announcedBefore(opened.checkpoints());
            opened.points().forEach(writer::add);
            if (!opened.announcements().isEmpty()) {
                writer.announce(opened.announcements(), opened.checkpoints());
            }
            loop = opening;
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

    private Loop loop(Opened from, Learner learner, Checkpointer checkpointer, Validation validation)
            throws InterruptedException, StoppedException {
        if (run.inRounds()) {
            return RoundsLoop.open(
                    run,
                    holding,
                    tools,
                    learner,
                    from,
                    validation,
                    Optional.of(new Lead(checkpointer, writer)),
                    strays);
        }
        BatchReader reader = new BatchReader(
                tools.connection(),
                run,
                from.position(),
                tools.config().prefetch().steps(),
                tools.config().prefetch().bytes().asLongValue(),
                tools.metrics());
        return new TrainingLoop(
                run,
                tools.config(),
                tools.metrics(),
                learner,
                reader,
                validation,
                new Outlet.Written(checkpointer, writer),
                from);
    }

    private void steps(Checkpointer checkpointer)
            throws InterruptedException, StoppedException, LeftAloneException, RunFailedException, StrayedException {
        while (!loop.complete() && !tools.patience().stopping() && isWantedSo()) {
            check(checkpointer);
            loop.advance();
        }
        if (tools.patience().stopping() && !loop.complete()) {
            leave(checkpointer);
        }
        if (!loop.complete() && !wanted().removed() && loop.stepsSinceSnapshot() > 0) {
            loop.snapshot();
        }
        while (!wanted().removed() && (!checkpointer.awaitIdle(GLANCE) || !writer.awaitIdle(GLANCE))) {
            tools.patience().requireGoing();
            check(checkpointer);
        }
    }

    /** What is wanted of it now. */
    private RunSpec wanted() {
        return tools.queue()
                .spec(run.runId())
                .filter(asked -> asked.incarnation().equals(run.incarnation()))
                .orElse(run);
    }

    /**
     * Whether it is still wanted as it was when this began, and of this worker. Where it is not, it is left at a step's end
     * with a checkpoint, and opened again if it is to go on, here or elsewhere: so there is one way to go on, the one that is
     * the same to the bit.
     */
    private boolean isWantedSo() {
        RunSpec now = wanted();
        return now.wanted() && now.steps() == run.steps() && isHeld();
    }

    private boolean isHeld() {
        return tools.pool()
                .holding()
                .filter(held -> held.isOf(run.incarnation())
                        && (!run.inRounds() || held.replicas().contains(0)))
                .isPresent();
    }

    /** It was left before its end. */
    private void left(RunSpec wanted) throws InterruptedException, StoppedException, LeftAloneException {
        if (wanted.removed()) {
            LOGGER.infof("The run is removed; it is left at once. runId=%s", run.runId());
        } else if (wanted.wanted()) {
            LOGGER.infof(
                    "%s. runId=%s step=%d steps=%d",
                    isHeld()
                            ? "More is wanted of the run; it goes on"
                            : "The pool gives the run to another worker, or to none",
                    run.runId(),
                    loop.progress().step(),
                    wanted.steps());
            note(() -> tools.store().clearAttempts(run.incarnation()));
        } else {
            end(loop.progress().status(State.STOPPED, null), Outcome.STOPPED);
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
        Loop begun = loop;
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
