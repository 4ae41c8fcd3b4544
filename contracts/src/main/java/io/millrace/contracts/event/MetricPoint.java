// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/**
 * What a run measured up to a step: one point of each of its curves. A step that is trained again after a restart
 * replaces its point.
 *
 * @param runId the run
 * @param incarnation of the run, see {@link RunSpec#incarnation()}
 * @param step steps done
 * @param epoch epochs begun
 * @param samples training samples so far
 * @param loss training loss, mean over the steps since the point before; null when nothing was trained
 * @param accuracy part of those samples whose largest logit was their label, 0 to 1; null when nothing was trained
 * @param learningRate of the step
 * @param imagesPerSecond since the process began to train
 * @param waitRatio part of the training's time in which batches were waited for, 0 to 1
 * @param trainSeconds wall time of training so far
 * @param lostBatches batches so far that could not be read
 * @param validationLoss mean cross entropy on the validation split with the weights after this step; null but at the ends of
 *     epochs of a run that has such a split
 * @param validationAccuracy as well, part of the samples whose most probable class is the label, 0 to 1
 * @param at when
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MetricPoint(
        String runId,
        String incarnation,
        long step,
        int epoch,
        long samples,
        Double loss,
        Double accuracy,
        double learningRate,
        double imagesPerSecond,
        double waitRatio,
        double trainSeconds,
        long lostBatches,
        Double validationLoss,
        Double validationAccuracy,
        Instant at)
        implements Keyed {
    public MetricPoint {
        Fields.present(runId, "runId");
        Fields.present(incarnation, "incarnation");
        Fields.atLeast(1, step, "step");
    }

    @Override
    public String key() {
        return incarnation + "/" + step;
    }
}
