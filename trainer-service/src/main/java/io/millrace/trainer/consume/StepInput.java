// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.batch.ImageBatch;
import java.util.List;

/**
 * What one step is trained on: batch <i>t</i> of each shard.
 *
 * @param shards one per shard, in the order of the partitions
 */
public record StepInput(List<ShardBatch> shards) {
    public StepInput {
        shards = List.copyOf(shards);
    }

    /** The batches that are there; none when all of the step are lost. */
    public List<ImageBatch> batches() {
        return shards.stream().flatMap(shard -> shard.images().stream()).toList();
    }

    /** The epoch, from 0. */
    public int epoch() {
        return shards.get(0).id().epoch();
    }

    /** The number of the step in its epoch, from 0. */
    public int index() {
        return shards.get(0).id().index();
    }

    /** Number of images. */
    public int samples() {
        return batches().stream().mapToInt(ImageBatch::size).sum();
    }

    /** Memory that the images take. */
    long bytes() {
        return shards.stream().mapToLong(ShardBatch::bytes).sum();
    }
}
