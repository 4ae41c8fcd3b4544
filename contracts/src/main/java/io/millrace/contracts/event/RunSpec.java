// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import io.millrace.contracts.batch.ImageBatch.Encoding;
import java.time.Instant;

/**
 * A run: the whole experiment, enough to repeat it.
 *
 * @param runId unique, {@code [a-z0-9-]+}
 * @param createdAt before the first batch of the run was published
 * @param model name under which the result is served; the data set's name unless said otherwise
 * @param dataset what is learnt
 * @param network what learns
 * @param recipe how, with all overrides applied
 * @param shards number of batches that make one step; shard k lies in partition k
 * @param seed of initial weights, shuffling and augmentation
 * @param batchesPerEpoch steps in one epoch
 * @param encoding how the run's batches are written; runs of before this field was there have {@code uint8}
 */
public record RunSpec(
        String runId,
        Instant createdAt,
        String model,
        Dataset dataset,
        Network network,
        Recipe recipe,
        int shards,
        long seed,
        int batchesPerEpoch,
        Encoding encoding)
        implements Keyed {
    public RunSpec {
        Fields.present(runId, "runId");
        Fields.present(createdAt, "createdAt");
        Fields.present(model, "model");
        Fields.present(dataset, "dataset");
        Fields.present(network, "network");
        Fields.present(network.name(), "network.name");
        Fields.present(network.stem(), "network.stem");
        Fields.present(recipe, "recipe");
        Fields.atLeast(1, shards, "shards");
        Fields.atLeast(1, batchesPerEpoch, "batchesPerEpoch");
        encoding = encoding == null ? Encoding.UINT8 : encoding;
    }

    @Override
    public String key() {
        return runId;
    }

    /** Number of steps of the whole run. */
    public long steps() {
        return (long) recipe.epochs() * batchesPerEpoch;
    }
}
