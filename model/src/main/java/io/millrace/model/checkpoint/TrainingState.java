// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.safetensors.Tensor;
import java.util.List;

/**
 * What training goes on from, beside the weights. The position is here, not in a consumer group.
 *
 * @param optimizer the optimizer's buffers
 * @param position how far the run has come
 * @param checkpoints checkpoints of the run so far, this one included
 * @param last whether the run ends here
 * @param points of the run's curves up to here that may not have been published: whoever goes on has to
 * @param best where early stopping keeps the weights of an epoch before: how they were announced; null where it keeps none,
 *     or these
 * @param weightsSha256 of the weights file that this belongs to; set by the store, null before
 */
public record TrainingState(
        List<Tensor> optimizer,
        Position position,
        int checkpoints,
        boolean last,
        List<MetricPoint> points,
        CheckpointPublished best,
        String weightsSha256) {
    public TrainingState {
        optimizer = List.copyOf(optimizer);
        points = List.copyOf(points);
    }

    /** One that is to be written. */
    public TrainingState(List<Tensor> optimizer, Position position, int checkpoints, boolean last) {
        this(optimizer, position, checkpoints, last, List.of(), null);
    }

    /** One that is to be written, with points and with what is better. */
    public TrainingState(
            List<Tensor> optimizer,
            Position position,
            int checkpoints,
            boolean last,
            List<MetricPoint> points,
            CheckpointPublished best) {
        this(optimizer, position, checkpoints, last, points, best, null);
    }

    TrainingState of(String sha256) {
        return new TrainingState(optimizer, position, checkpoints, last, points, best, sha256);
    }
}
