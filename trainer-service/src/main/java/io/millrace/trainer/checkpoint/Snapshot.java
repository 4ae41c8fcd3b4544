// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A run after a step, copied out of the learner: all that a checkpoint is made of.
 *
 * @param position how far it has come
 * @param lossSamples over how many samples its loss is the mean
 * @param batches the record of the steps since the snapshot before, a line each
 * @param weights under torchvision's names
 * @param optimizer the optimizer's buffers
 * @param validation what the validation split said so far
 * @param last whether the run ends here
 */
public record Snapshot(
        Position position,
        long lossSamples,
        String batches,
        List<Tensor> weights,
        List<Tensor> optimizer,
        List<Validated> validation,
        boolean last) {

    /** Whether early stopping keeps these weights. */
    boolean isBest() {
        return validation.stream().anyMatch(epoch -> epoch.step() == position.step() && epoch.kept());
    }

    /** Whether this one, which is newer, does for the run what another one would. */
    boolean replaces(Snapshot older) {
        return isBest() || !older.isBest();
    }

    /** This one, in place of an older one that will not be written: what is told once must not get lost with it. */
    Snapshot inPlaceOf(Snapshot older) {
        Map<Integer, OffsetRange> offsets = new TreeMap<>(position.offsets());
        older.position
                .offsets()
                .forEach((partition, before) ->
                        offsets.merge(partition, before, (mine, theirs) -> new OffsetRange(theirs.from(), mine.to())));
        long samples = lossSamples + older.lossSamples;
        double sum = position.loss() * lossSamples + older.position.loss() * older.lossSamples;
        Position joined = new Position(
                position.step(),
                position.updates(),
                position.epoch(),
                position.samples(),
                position.lostBatches(),
                offsets,
                position.batchesDigest(),
                position.trainSeconds(),
                position.waitSeconds(),
                samples == 0 ? 0 : sum / samples,
                position.deltas());
        return new Snapshot(joined, samples, older.batches + batches, weights, optimizer, validation, last);
    }
}
