// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Learner;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.Torch;
import io.millrace.model.TrainingRoom;
import io.millrace.model.UnavailableComputeException;
import io.millrace.model.checkpoint.CheckpointStore.Attempts;
import io.millrace.model.checkpoint.CheckpointStore.Opening;
import io.millrace.model.checkpoint.ResumePoint;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.checkpoint.Announcements;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.round.Shared;
import io.millrace.trainer.start.StartingWeights;
import io.millrace.trainer.training.Trainer.Tools;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/** The begin of a run's training: where it stands, and a learner that stands there. For the training thread. */
final class RunOpening {
    private static final Logger LOGGER = Logger.getLogger(RunOpening.class);

    /** From so many attempts at a step on, a checkpoint follows each first few steps: only what dies in one step stays. */
    private static final int CAREFUL = 3;
    /** Deaths at a step after which a run is given up: of these, {@value #CAREFUL} could not do a single one. */
    static final int TOO_MANY = 5;

    private RunOpening() {}

    /**
     * What a run is trained with.
     *
     * @param learner to be closed by whoever opened
     * @param start what the run started from; null: fresh weights
     * @param position how far the run has come
     * @param checkpoints of the run so far
     * @param announcements of the checkpoint it goes on from, of its average, and of the result of a run that has ended, to
     *     be sent once more: the process before may have died before it did, or even before it wrote the average
     * @param best the announcement of what early stopping keeps; null where it keeps nothing
     * @param outer what a run in rounds has beside the learner's state
     * @param validation what the validation split said so far
     * @param points of the run's curves that it may not have sent
     * @param careful whether processes died here again and again, so that every step counts
     */
    record Opened(
            Learner learner,
            Lineage start,
            Position position,
            int checkpoints,
            List<CheckpointPublished> announcements,
            CheckpointPublished best,
            List<Tensor> outer,
            List<Validated> validation,
            List<MetricPoint> points,
            boolean careful) {}

    /**
     * Waits for the store as long as it takes.
     *
     * @throws RunFailedException when the run was tried too often
     * @throws LeftAloneException when this machine cannot compute as the run does
     */
    static Opened open(RunSpec run, Tools tools)
            throws InterruptedException, StoppedException, RunFailedException, LeftAloneException {
        Optional<ResumePoint> at = newest(run, tools);
        requireRoom(run, at, tools);
        Compute compute =
                known(run, at, tools).orElseGet(() -> tools.calibration().resolve(run));
        requireAble(Optional.of(compute));
        long step = step(at);
        Optional<StartingWeights> weights = weights(run, at, tools);
        Attempts attempts = tools.patience().attempt("note an attempt at run " + run.runId(), () -> tools.store()
                .noteAttempt(run.incarnation(), step));
        if (attempts.inARow() > TOO_MANY) {
            throw new RunFailedException(
                    Outcome.FAILED,
                    "training died " + TOO_MANY + " times in a row at step " + step
                            + attempts.reason().map(reason -> ": " + reason).orElse(", without a word"));
        }
        List<CheckpointPublished> announcements = tools.patience()
                .attempt("complete the checkpoint of run " + run.runId(), () -> announcements(run, at, tools));
        Learner learner = tools.patience()
                .attempt("hand run " + run.runId() + " to PyTorch", () -> learner(run, compute, at, weights));
        LOGGER.infof(
                "Run %s. runId=%s step=%d steps=%d network=%s compute=%s",
                at.isPresent() ? "resumes" : "begins",
                run.runId(),
                step,
                run.steps(),
                run.network().name(),
                compute);
        weights.map(StartingWeights::lineage).ifPresent(lineage -> say(run, lineage));
        return opened(learner, at, weights, announcements, attempts.inARow() >= CAREFUL);
    }

    /**
     * As {@link #open}, for a worker that does not write about the run: nothing is noted, and nothing is decided that bits
     * depend on.
     *
     * @return empty while it is not known what decides them, which the worker that writes about the run says
     * @throws RefusedRequestException when the run cannot be trained
     * @throws LeftAloneException when this machine cannot compute as the run does
     */
    static Optional<Opened> follow(RunSpec run, Tools tools)
            throws InterruptedException, StoppedException, LeftAloneException {
        Optional<ResumePoint> at = newest(run, tools);
        requireRoom(run, at, tools);
        Optional<Compute> compute = known(run, at, tools);
        if (compute.isEmpty()) {
            return Optional.empty();
        }
        requireAble(compute);
        Optional<StartingWeights> weights = weights(run, at, tools);
        Learner learner = tools.patience()
                .attempt("hand run " + run.runId() + " to PyTorch", () -> learner(run, compute.get(), at, weights));
        LOGGER.infof(
                "Run followed. runId=%s step=%d steps=%d network=%s compute=%s",
                run.runId(), step(at), run.steps(), run.network().name(), compute.get());
        return Optional.of(opened(learner, at, weights, List.of(), false));
    }

    /**
     * For who trains it again and writes nothing.
     *
     * @param at where that begins; empty: at the first step
     * @param compute that the run had
     * @param weights that it started from; empty: fresh ones, or those of {@code at}
     * @throws RefusedRequestException when the run cannot be trained
     */
    static Opened again(RunSpec run, Optional<ResumePoint> at, Compute compute, Optional<StartingWeights> weights) {
        return opened(learner(run, compute, at, weights), at, weights, List.of(), false);
    }

    private static Optional<ResumePoint> newest(RunSpec run, Tools tools)
            throws InterruptedException, StoppedException {
        Opening opening = tools.patience()
                .attempt("open run " + run.runId(), () -> tools.store().open(run.incarnation()));
        opening.passedOver()
                .forEach(reason -> LOGGER.warnf(
                        "Passed over a checkpoint that is not whole. runId=%s reason=\"%s\"", run.runId(), reason));
        return opening.at();
    }

    private static long step(Optional<ResumePoint> at) {
        return at.map(point -> point.state().position().step()).orElse(0L);
    }

    /** What decides bits, where that is decided: of a run in rounds, others may have gone by it before its first checkpoint. */
    private static Optional<Compute> known(RunSpec run, Optional<ResumePoint> at, Tools tools) {
        return at.map(point -> point.checkpoint().metadata().compute()).or(() -> tools.queue()
                .statusOf(run)
                .filter(any -> run.inRounds())
                .map(RunStatus::compute));
    }

    private static Optional<StartingWeights> weights(RunSpec run, Optional<ResumePoint> at, Tools tools)
            throws InterruptedException, StoppedException {
        return at.isPresent() || run.start() == null
                ? Optional.empty()
                : Optional.of(tools.patience()
                        .attempt(
                                "have the weights that run " + run.runId() + " starts from",
                                () -> StartingWeights.of(run, tools.store(), tools.weights())));
    }

    private static Opened opened(
            Learner learner,
            Optional<ResumePoint> at,
            Optional<StartingWeights> weights,
            List<CheckpointPublished> announcements,
            boolean careful) {
        return new Opened(
                learner,
                at.map(point -> point.checkpoint().metadata().start())
                        .or(() -> weights.map(StartingWeights::lineage))
                        .orElse(null),
                at.map(point -> point.state().position()).orElse(Position.START),
                at.map(point -> point.state().checkpoints()).orElse(0),
                announcements,
                at.filter(any -> !announcements.isEmpty())
                        .map(point -> best(point, announcements))
                        .orElse(null),
                optimizer(at, Shared::isOuter),
                at.map(point -> point.checkpoint().metadata().validation()).orElse(List.of()),
                at.map(ResumePoint::state).map(TrainingState::points).orElse(List.of()),
                careful);
    }

    private static List<Tensor> optimizer(Optional<ResumePoint> at, Predicate<Tensor> which) {
        return at.map(point -> point.state().optimizer()).orElse(List.of()).stream()
                .filter(which)
                .toList();
    }

    private static CheckpointPublished best(ResumePoint point, List<CheckpointPublished> announcements) {
        boolean own = point.checkpoint()
                .metadata()
                .validated()
                .filter(Validated::kept)
                .isPresent();
        return own ? announcements.get(0) : point.state().best();
    }

    /**
     * Says what does not fit before anything is tried.
     *
     * @throws RefusedRequestException when a run that begins does not fit into memory
     * @throws LeftAloneException when one that goes on does not fit into that of this machine
     */
    private static void requireRoom(RunSpec run, Optional<ResumePoint> at, Tools tools) throws LeftAloneException {
        Optional<Compute> compute =
                at.map(point -> point.checkpoint().metadata().compute());
        try {
            TrainingRoom.require(
                    run,
                    compute.map(Compute::precision).orElse(run.recipe().precision()),
                    tools.config().memoryLimit().map(MemorySize::asLongValue));
        } catch (RefusedRequestException e) {
            if (at.isPresent()) {
                throw LeftAloneException.unable(e.getMessage());
            }
            throw e;
        }
    }

    /**
     * Lets this process compute as a run does, where that is known.
     *
     * @throws LeftAloneException when this machine cannot
     */
    static void requireAble(Optional<Compute> compute) throws LeftAloneException {
        try {
            if (compute.isPresent()) {
                Torch.use(compute.get())
                        .forEach(difference -> LOGGER.warnf(
                                "The run goes on with another %s; its weights may come out with other bits",
                                difference));
            }
        } catch (UnavailableComputeException e) {
            throw LeftAloneException.unable(e.getMessage());
        }
    }

    private static List<CheckpointPublished> announcements(RunSpec run, Optional<ResumePoint> at, Tools tools)
            throws IOException {
        if (at.isEmpty()) {
            return List.of();
        }
        ResumePoint point = at.get();
        return new Announcements(run, tools.store()).of(point.ref(), point.checkpoint(), point.state());
    }

    private static void say(RunSpec run, Lineage lineage) {
        LOGGER.infof(
                "Starts from weights. runId=%s weights=%s sha256=%s", run.runId(), lineage.weights(), lineage.sha256());
        lineage.adaptations().forEach(said -> LOGGER.infof("Weights adapted. runId=%s said=\"%s\"", run.runId(), said));
    }

    private static Learner learner(
            RunSpec run, Compute compute, Optional<ResumePoint> at, Optional<StartingWeights> weights) {
        Dataset data = run.dataset();
        if (weights.isPresent()) {
            return Learner.create(
                    run.network(),
                    data.normalization(),
                    data.height(),
                    data.width(),
                    run.recipe(),
                    compute,
                    weights.get().weights());
        }
        if (at.isEmpty()) {
            return Learner.create(
                    run.network(),
                    data.normalization(),
                    data.height(),
                    data.width(),
                    run.recipe(),
                    compute,
                    run.seed());
        }
        return Learner.restored(
                run.network(),
                data.normalization(),
                data.height(),
                data.width(),
                run.recipe(),
                (int) (at.get().state().position().step() / run.batchesPerEpoch()),
                compute,
                at.get().checkpoint().weights(),
                optimizer(at, tensor -> !Shared.isOuter(tensor)));
    }
}
