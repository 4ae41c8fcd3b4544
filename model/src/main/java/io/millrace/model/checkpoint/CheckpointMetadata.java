// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.InputConvention;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
 * @param input what the pictures that were learnt from have in common; {@code ink} in files from before it was told
 * @param model name under which it would be served
 * @param validation what the validation split said at the end of each epoch so far, and what was decided on it; whoever
 *     goes on or recomputes takes it from here
 * @param compute what decided the bits of the weights; null in files from before it was told
 * @param start what the run started from; null: fresh weights
 * @param average what the parameters are an average of; null where they are none
 * @param recipe how they were trained, the {@link io.millrace.contracts.event.Recipe} as JSON, for people: a service that knows
 *     less of recipes serves the weights all the same; null in files from before it was told
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
        InputConvention input,
        String model,
        List<Validated> validation,
        Compute compute,
        Lineage start,
        Average average,
        String recipe) {
    /**
     * An exponential moving average of the parameters, up to a checkpoint and of which the file has the rest, BatchNorm's
     * statistics, as <a href="https://github.com/pytorch/pytorch/blob/v2.3.1/torch/optim/swa_utils.py">torch's
     * AveragedModel</a> has them unless told otherwise.
     *
     * @param decay how much of the average an update leaves, 0 to less than 1
     * @param checkpointId of that checkpoint
     * @param sha256 of its file, hex
     */
    public record Average(double decay, String checkpointId, String sha256) {
        public Average {
            if (checkpointId == null || sha256 == null) {
                throw new IllegalArgumentException(
                        "an average should have the checkpointId and sha256 of its checkpoint");
            }
        }
    }

    public CheckpointMetadata {
        nextOffsets = Map.copyOf(nextOffsets);
        classes = List.copyOf(classes);
        validation = List.copyOf(validation);
    }

    /** What the validation split said of these very weights. */
    public Optional<Validated> validated() {
        return validation.stream().filter(epoch -> epoch.step() == step).findFirst();
    }

    /** The metadata of the weights at a position of a run that has no validation split and starts from fresh weights. */
    public static CheckpointMetadata of(RunSpec run, Position position, Compute compute) {
        return of(run, position, List.of(), compute, null);
    }

    /**
     * The metadata of a run's weights at a position.
     *
     * @param start what it started from; null: fresh weights
     */
    public static CheckpointMetadata of(
            RunSpec run, Position position, List<Validated> validation, Compute compute, Lineage start) {
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
                run.dataset().input(),
                run.model(),
                validation,
                compute,
                start,
                null,
                new String(EventCodec.encode(run.recipe()), UTF_8));
    }

    /** The metadata of the average that lies beside these weights. */
    CheckpointMetadata averaged(double decay, CheckpointRef raw) {
        return new CheckpointMetadata(
                runId,
                incarnation,
                step,
                epoch,
                samples,
                nextOffsets,
                network,
                normalization,
                classes,
                dataset,
                datasetDigest,
                height,
                width,
                input,
                model,
                validation,
                compute,
                start,
                new Average(decay, raw.checkpointId(), raw.sha256()),
                recipe);
    }
}
