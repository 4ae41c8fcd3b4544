// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import java.util.List;
import java.util.Map;

/**
 * What a weights file says about itself in its {@code __metadata__}: enough to rebuild the network, to normalize its
 * input, to name its answers, and to know where it comes from. Nothing in it depends on the clock: the same run gives the
 * same file.
 *
 * @param runId the run
 * @param incarnation which run of that id, see {@link RunSpec#incarnation()}; the run id in files from before it was told
 * @param step steps done
 * @param epoch epochs begun
 * @param samples training samples so far
 * @param nextOffsets by partition, where reading goes on; the state has them too, but it does not stay
 * @param network what the weights belong to
 * @param normalization of the network's input
 * @param classes names of the answers, in the order of the logits
 * @param dataset name of the data set
 * @param datasetDigest its digest
 * @param height of an image in pixels
 * @param width of an image in pixels
 * @param model name under which it would be served
 * @param compute what decided the bits of the weights; null in files from before it was told
 */
public record CheckpointMetadata(
        String runId,
        String incarnation,
        long step,
        int epoch,
        long samples,
        Map<Integer, Long> nextOffsets,
        Network network,
        Normalization normalization,
        List<String> classes,
        String dataset,
        String datasetDigest,
        int height,
        int width,
        String model,
        Compute compute) {
    public CheckpointMetadata {
        nextOffsets = Map.copyOf(nextOffsets);
        classes = List.copyOf(classes);
    }

    /** The metadata of a run's weights at a position. */
    public static CheckpointMetadata of(RunSpec run, Position position, Compute compute) {
        return new CheckpointMetadata(
                run.runId(),
                run.incarnation(),
                position.step(),
                position.epoch(),
                position.samples(),
                position.nextOffsets(),
                run.network(),
                run.dataset().normalization(),
                run.dataset().classes(),
                run.dataset().name(),
                run.dataset().digest(),
                run.dataset().height(),
                run.dataset().width(),
                run.model(),
                compute);
    }
}
