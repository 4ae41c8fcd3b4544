// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.Validated;
import io.millrace.model.Learner;
import io.millrace.model.RefusedRequestException;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.pool.Holding;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.round.StrayedException;
import io.millrace.trainer.round.Strays;
import io.millrace.trainer.training.RunOpening.Opened;
import io.millrace.trainer.training.Trainer.Tools;
import io.millrace.trainer.validation.Validation;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Replicas of a run in rounds, without its first: trains them, and writes nothing about the run. For the training thread,
 * except {@link #progress} and {@link #problem}.
 */
final class Following implements Training {
    private static final Logger LOGGER = Logger.getLogger(Following.class);
    private static final long GLANCE_MILLIS = 200;

    private final RunSpec run;
    private final Holding holding;
    private final Tools tools;
    private final Strays strays;
    private volatile Loop loop;

    Following(RunSpec run, Holding holding, Tools tools, Strays strays) {
        this.run = run;
        this.holding = holding;
        this.tools = tools;
        this.strays = strays;
    }

    @Override
    public Optional<Progress> progress() {
        return Optional.ofNullable(loop).map(Loop::progress);
    }

    @Override
    public Optional<String> problem() {
        return Optional.ofNullable(loop).flatMap(Loop::problem);
    }

    @Override
    public void train() throws InterruptedException, StoppedException, LeftAloneException, StrayedException {
        try {
            Optional<Opened> opened = open();
            if (opened.isEmpty() || !train(opened.get())) {
                return;
            }
        } catch (RefusedRequestException e) {
            // Where nobody can, the one that writes about the run says so.
            throw LeftAloneException.unable(e.getMessage());
        } catch (RunFailedException e) {
            LOGGER.warnf("The run cannot go on. runId=%s reason=\"%s\"", run.runId(), e.getMessage());
        }
        awaitWord();
    }

    private Optional<Opened> open() throws InterruptedException, StoppedException, LeftAloneException {
        Optional<Opened> opened = RunOpening.follow(run, tools);
        while (opened.isEmpty() && isFollowed()) {
            Thread.sleep(GLANCE_MILLIS);
            tools.patience().requireGoing();
            if (tools.queue()
                    .statusOf(run)
                    .filter(status -> status.compute() != null)
                    .isPresent()) {
                opened = RunOpening.follow(run, tools);
            }
        }
        return opened;
    }

    /** Whether nothing is left to be trained. */
    private boolean train(Opened opened)
            throws InterruptedException, StoppedException, LeftAloneException, StrayedException, RunFailedException {
        try (Learner learner = opened.learner();
                Validation validation = new Validation(tools.connection(), run, opened.validation());
                Loop opening =
                        RoundsLoop.open(run, holding, tools, learner, opened, validation, Optional.empty(), strays)) {
            loop = opening;
            while (!opening.complete() && isFollowed()) {
                tools.patience().requireGoing();
                opening.advance();
            }
            return opening.complete();
        }
    }

    /** Whether it is still to be done as it was begun: else it is left, and may be begun in another way. */
    private boolean isFollowed() {
        return tools.queue()
                        .spec(run.runId())
                        .filter(asked -> asked.incarnation().equals(run.incarnation())
                                && asked.wanted()
                                && asked.steps() == run.steps())
                        .isPresent()
                && tools.queue().settled(run).isEmpty()
                && tools.queue().refusal(run.runId()).isEmpty()
                && tools.pool()
                        .holding()
                        .filter(held ->
                                held.isOf(run.incarnation()) && !held.replicas().contains(0))
                        .isPresent();
    }

    /** Nothing is left to be trained here, and the pool hears so when the one that writes about the run has said how it ended. */
    private void awaitWord() throws InterruptedException, StoppedException, StrayedException {
        while (isFollowed()) {
            tools.patience().requireGoing();
            Optional<Long> stopped = progress().map(Progress::step).filter(step -> step < run.steps());
            if (stopped.isPresent()
                    && tools.queue()
                            .statusOf(run)
                            .filter(status -> goesOn(status, stopped.get()))
                            .isPresent()) {
                throw new StrayedException(
                        stopped.get(),
                        "by its early stopping the run ends here, by that of the one that leads it goes on");
            }
            Thread.sleep(GLANCE_MILLIS);
        }
    }

    /**
     * Whether the one that writes about a run has not ended it where it ended here, and waits for these replicas.
     *
     * @param step where it ended here
     */
    static boolean goesOn(RunStatus status, long step) {
        Validated last = status.validation();
        return status.state() == RunStatus.State.RUNNING && last != null && last.step() >= step && last.stop() == null;
    }
}
