// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import java.time.Instant;
import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * A run: the whole experiment, enough to repeat it.
 *
 * @param runId unique among the runs that there are, of the form {@link #RUN_ID}
 * @param createdAt before the first batch of the run was published
 * @param model name under which the result is served; the data set's name unless said otherwise
 * @param dataset what is learnt
 * @param network what learns
 * @param recipe how, with all overrides applied
 * @param shards number of batches that make one step; shard k lies in partition k
 * @param seed of initial weights, shuffling and augmentation
 * @param batchesPerEpoch steps in one epoch
 * @param encoding how the run's batches are written; runs of before this field was there have {@code uint8}
 * @param priority which runs come first: those of a higher one, and among equals the older; runs of before this field was
 *     there have 0
 * @param start what it starts from; null: fresh weights, as in all runs of before this field was there
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
        Encoding encoding,
        Integer priority,
        @JsonInclude(JsonInclude.Include.NON_NULL) Start start)
        implements Keyed {
    /** Run ids become names of folders and of topics. */
    public static final Pattern RUN_ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,99}");

    /** The order in which runs are taken up. */
    public static final Comparator<RunSpec> FIRST = Comparator.comparingInt(RunSpec::priority)
            .reversed()
            .thenComparing(RunSpec::createdAt)
            .thenComparing(RunSpec::runId);

    public RunSpec {
        Fields.require(
                "runId",
                Fields.present(runId, "runId"),
                RUN_ID.matcher(runId).matches(),
                "lower-case letters, digits and '-', at most 100, not beginning with '-'");
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
        priority = priority == null ? 0 : priority;
    }

    /** A run that starts from fresh weights. */
    public RunSpec(
            String runId,
            Instant createdAt,
            String model,
            Dataset dataset,
            Network network,
            Recipe recipe,
            int shards,
            long seed,
            int batchesPerEpoch,
            Encoding encoding,
            Integer priority) {
        this(
                runId,
                createdAt,
                model,
                dataset,
                network,
                recipe,
                shards,
                seed,
                batchesPerEpoch,
                encoding,
                priority,
                null);
    }

    @Override
    public String key() {
        return runId;
    }

    /**
     * What tells this run from an earlier or later one of its id: {@code <run id>-<time of creation>}. Logs, checkpoints
     * and metrics carry it in their names, so that no run can find those of another; no other topic can be named like it.
     */
    public String incarnation() {
        return runId + "-" + Long.toString(createdAt.toEpochMilli(), Character.MAX_RADIX);
    }

    /** Number of steps of the whole run. */
    public long steps() {
        return (long) recipe.epochs() * batchesPerEpoch;
    }
}
