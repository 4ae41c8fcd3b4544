// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.Learner;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.checkpoint.ResumePoint;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.TrainerConfig;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.consume.StepSource;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.round.StrayedException;
import io.millrace.trainer.start.StartingWeights;
import io.millrace.trainer.training.Progress.Around;
import io.millrace.trainer.training.RunOpening.Opened;
import io.millrace.trainer.validation.Validation;
import java.time.Duration;
import java.util.Optional;

/**
 * A run of one worker that is trained again by the loop that trained it: it reads what that read, decides what that decided,
 * and writes nothing. For one thread, which has {@linkplain io.millrace.model.Torch#use begun to compute as the run does}.
 */
public final class Replay implements AutoCloseable {
    /** What is missing is in no log, and nobody is asked to publish it again. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RunSpec run;
    private final Learner learner;
    private final Validation validation;
    private final Loop loop;

    /**
     * Opens it.
     *
     * @param at where it begins; empty: at the first step
     * @param compute that the run had
     * @param weights that the run started from; empty: fresh ones, or those of {@code at}
     * @param steps from there on; closed by this
     * @param outlet gets the snapshots
     * @throws RefusedRequestException when the run cannot be trained
     */
    public Replay(
            RunSpec run,
            Optional<ResumePoint> at,
            Compute compute,
            Optional<StartingWeights> weights,
            TrainerConfig config,
            TrainerMetrics metrics,
            KafkaConnection connection,
            StepSource steps,
            Outlet outlet) {
        this.run = run;
        Opened opened = RunOpening.again(run, at, compute, weights);
        learner = opened.learner();
        validation = new Validation(connection, run, opened.validation());
        loop = new TrainingLoop(run, config, metrics, learner, steps, validation, outlet, opened);
    }

    /**
     * Trains.
     *
     * @param step it ends after this one, or where the run ended
     * @throws RefusedRequestException when it cannot come there: why, and the remedy
     */
    public void to(long step) throws InterruptedException {
        long since = System.nanoTime();
        long before = loop.progress().step();
        while (!loop.complete() && before < step) {
            advance();
            Progress now = loop.progress();
            since = now.step() > before ? System.nanoTime() : since;
            before = now.step();
            if (before < step && !loop.complete()) {
                requireComing(now, System.nanoTime() - since > PATIENCE.toNanos());
            }
        }
    }

    private void advance() throws InterruptedException {
        try {
            loop.advance();
        } catch (RunFailedException e) {
            throw new RefusedRequestException("trained again, the run ends: " + e.getMessage());
        } catch (StoppedException | LeftAloneException | StrayedException e) {
            throw new IllegalStateException("nobody else is at it", e);
        }
    }

    private void requireComing(Progress now, boolean late) {
        Around around = now.around();
        if (around.lacks() != null) {
            throw new RefusedRequestException("the run's log does not hold step " + (around.lacks() + 1)
                    + " any more: it was trimmed, or removed with an older run's; replay --from a later checkpoint");
        }
        if (late) {
            throw new RefusedRequestException("nothing comes after step " + now.step() + " of run " + run.runId() + ": "
                    + Optional.ofNullable(around.validationProblem())
                            .map(why -> "its validation split is not there (" + why + ")")
                            .or(loop::problem)
                            .orElse("Kafka is silent"));
        }
    }

    @Override
    public void close() {
        loop.close();
        validation.close();
        learner.close();
    }
}
