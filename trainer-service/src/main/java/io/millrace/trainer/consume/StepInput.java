// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.batch.ImageBatch;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one step is trained on: batch <i>t</i> of each shard.
 *
 * @param shards one per shard, in the order of the partitions
 */
public record StepInput(List<ShardBatch> shards) {
    public StepInput {
        shards = List.copyOf(shards);
    }

    /** The readable batches; none when every record of the step was bad. */
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
    public long bytes() {
        return batches().stream().mapToLong(batch -> batch.images().remaining()).sum();
    }

    /** By partition, where reading goes on once this step is done. */
    public Map<Integer, Long> nextOffsets() {
        Map<Integer, Long> next = new TreeMap<>();
        shards.forEach(shard -> next.put(shard.id().shard(), shard.offset() + 1));
        return next;
    }
}
