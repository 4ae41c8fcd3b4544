// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.Validated;
import io.millrace.trainer.training.Progress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code GET /run} answers: the run at hand, else the latest one.
 *
 * @param runId absent while there is none
 * @param state idle, waiting, running, stopped, finished or failed
 * @param reason why it failed, ended before its last step, or waits
 * @param problem why this process does not get on, or leaves a run alone; absent while it does
 * @param step steps done
 * @param steps steps in all
 * @param epoch epochs begun
 * @param epochs epochs in all
 * @param samples training samples so far
 * @param lostBatches batches so far that could not be read
 * @param lacks the step, from 0, that the run's log does not hold and that is waited for; absent while none is missing
 * @param imagesPerSecond pace of the process that trained
 * @param trainSeconds wall time of training
 * @param waitRatio part of it in which batches were waited for, 0 to 1
 * @param loss training loss over the latest steps
 * @param accuracy of training over the latest steps, 0 to 1
 * @param learningRate of the latest step
 * @param etaSeconds to the last step, at the pace so far
 * @param checkpoints announced so far, each with its average where the run keeps one
 * @param checkpointProblem why the latest attempt at a checkpoint failed; absent when it did not
 * @param validation what the validation split said last: epoch, step, loss, accuracy, and what was decided; absent before, and
 *     of a run without one
 * @param validationProblem why that split is not there yet, which is waited for; absent when it is
 * @param compute what decides the bits of the weights
 * @param adaptations what is otherwise in the run's first weights than in those that it started from, a sentence each;
 *     absent where it started from fresh ones
 * @param dataset by name
 * @param network by name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunView(
        String runId,
        String state,
        String reason,
        String problem,
        long step,
        long steps,
        int epoch,
        int epochs,
        long samples,
        Long lostBatches,
        Long lacks,
        double imagesPerSecond,
        double trainSeconds,
        double waitRatio,
        Double loss,
        Double accuracy,
        Double learningRate,
        Double etaSeconds,
        int checkpoints,
        String checkpointProblem,
        Validated validation,
        String validationProblem,
        Compute compute,
        List<String> adaptations,
        String dataset,
        String network) {

    /** Of a run, if there is one, with what only the process knows that trains it. */
    static RunView of(
            Optional<RunStatus> status, Optional<RunSpec> run, Optional<Progress> progress, Optional<String> problem) {
        Optional<Progress> running = progress.filter(
                known -> status.filter(latest -> !latest.ended()).isPresent());
        return new RunView(
                status.map(RunStatus::runId).orElse(null),
                status.map(RunView::state).orElse("idle"),
                status.map(known -> known.waiting() ? known.waits() : known.reason())
                        .orElse(null),
                problem.orElse(null),
                status.map(RunStatus::step).orElse(0L),
                status.map(RunStatus::steps).orElse(0L),
                status.map(RunStatus::epoch).orElse(0),
                status.map(RunStatus::epochs).orElse(0),
                status.map(RunStatus::samples).orElse(0L),
                status.map(RunStatus::lostBatches).orElse(null),
                status.map(RunStatus::lacks).orElse(null),
                status.map(RunStatus::imagesPerSecond).orElse(0.0),
                status.map(RunStatus::trainSeconds).orElse(0.0),
                status.map(RunStatus::waitRatio).orElse(0.0),
                status.map(RunStatus::loss).orElse(null),
                progress.map(Progress::accuracy).orElse(null),
                progress.map(Progress::learningRate).orElse(null),
                running.flatMap(Progress::etaSeconds).orElse(null),
                status.map(RunStatus::checkpoints).orElse(0),
                status.map(RunStatus::checkpointProblem).orElse(null),
                status.map(RunStatus::validation).orElse(null),
                status.map(RunStatus::validationProblem).orElse(null),
                status.map(RunStatus::compute).orElse(null),
                status.map(RunStatus::adaptations).orElse(null),
                run.map(spec -> spec.dataset().name()).orElse(null),
                run.map(spec -> spec.network().name()).orElse(null));
    }

    private static String state(RunStatus status) {
        return status.waiting() ? "waiting" : status.state().name().toLowerCase(Locale.ROOT);
    }
}
