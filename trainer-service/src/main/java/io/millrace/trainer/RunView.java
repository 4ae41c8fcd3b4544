// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.trainer.training.Progress;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code GET /run} answers: the run at hand, else the latest one.
 *
 * @param runId absent while there is none
 * @param state idle, running, finished or failed
 * @param reason why it failed
 * @param step steps done
 * @param steps steps in all
 * @param epoch epochs begun
 * @param epochs epochs in all
 * @param samples training samples so far
 * @param imagesPerSecond pace of the process that trained
 * @param trainSeconds wall time of training
 * @param waitRatio part of it in which batches were waited for, 0 to 1
 * @param loss training loss over the latest steps
 * @param accuracy of training over the latest steps, 0 to 1
 * @param learningRate of the latest step
 * @param etaSeconds to the last step, at the pace so far
 * @param checkpoints announced so far
 * @param checkpointProblem why the latest attempt at a checkpoint failed; absent when it did not
 * @param precision of the convolutions
 * @param dataset by name
 * @param network by name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunView(
        String runId,
        String state,
        String reason,
        long step,
        long steps,
        int epoch,
        int epochs,
        long samples,
        double imagesPerSecond,
        double trainSeconds,
        double waitRatio,
        Double loss,
        Double accuracy,
        Double learningRate,
        Double etaSeconds,
        int checkpoints,
        String checkpointProblem,
        Precision precision,
        String dataset,
        String network) {

    static RunView idle() {
        return new RunView(
                null, "idle", null, 0, 0, 0, 0, 0, 0, 0, 0, null, null, null, null, 0, null, null, null, null);
    }

    /** Of a run, with what only the process knows that trains it. */
    static RunView of(RunStatus status, Optional<RunSpec> run, Optional<Progress> progress) {
        return new RunView(
                status.runId(),
                status.state().name().toLowerCase(Locale.ROOT),
                status.reason(),
                status.step(),
                status.steps(),
                status.epoch(),
                status.epochs(),
                status.samples(),
                status.imagesPerSecond(),
                status.trainSeconds(),
                status.waitRatio(),
                status.loss(),
                progress.map(Progress::accuracy).orElse(null),
                progress.map(Progress::learningRate).orElse(null),
                status.ended() ? null : progress.flatMap(Progress::etaSeconds).orElse(null),
                status.checkpoints(),
                status.ended()
                        ? null
                        : progress.map(Progress::checkpointProblem).orElse(null),
                status.precision(),
                run.map(spec -> spec.dataset().name()).orElse(null),
                run.map(spec -> spec.network().name()).orElse(null));
    }
}
