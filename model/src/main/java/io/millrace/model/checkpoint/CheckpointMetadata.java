// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import java.util.List;

/**
 * What a weights file says about itself in its {@code __metadata__}: enough to rebuild the network, to normalize its
 * input, to name its answers, and to know where it comes from.
 *
 * @param runId the run
 * @param step steps done
 * @param epoch epochs begun
 * @param samplesSeen training samples so far
 * @param network what the weights belong to
 * @param normalization of the network's input
 * @param classes names of the answers, in the order of the logits
 * @param dataset name of the data set
 * @param datasetDigest its digest
 * @param height of an image in pixels
 * @param width of an image in pixels
 * @param model name under which it would be served
 * @param precision of the convolutions in training, never auto
 */
public record CheckpointMetadata(
        String runId,
        long step,
        int epoch,
        long samplesSeen,
        Network network,
        Normalization normalization,
        List<String> classes,
        String dataset,
        String datasetDigest,
        int height,
        int width,
        String model,
        Precision precision) {
    public CheckpointMetadata {
        classes = List.copyOf(classes);
    }

    /** The metadata of a run's weights after a step. */
    public static CheckpointMetadata of(RunSpec run, long step, int epoch, long samplesSeen, Precision precision) {
        return new CheckpointMetadata(
                run.runId(),
                step,
                epoch,
                samplesSeen,
                run.network(),
                run.dataset().normalization(),
                run.dataset().classes(),
                run.dataset().name(),
                run.dataset().digest(),
                run.dataset().height(),
                run.dataset().width(),
                run.model(),
                precision);
    }
}
