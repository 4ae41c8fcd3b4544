// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A run: the whole experiment, enough to repeat it, and what a person wants of it now. All but the priority and the last four
 * members stay as they were ordered.
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
 * @param team whose it is, for the shares of the pool; null: nobody's in particular, as in all runs of before this field was
 *     there
 * @param workers what it may have of the pool; null: as much as it has replicas
 * @param extensions epochs that were added later, an entry each time, every entry at least 1; empty where none were
 * @param stopped whether nobody is to train it, or to publish for it, until it is resumed; false: it was stopped, and was
 *     resumed; null: it never was stopped
 * @param removed whether everything that it left is to be deleted, by whoever has it: the dataset-service its logs, its
 *     status and the points of its curves, the evaluator-service its checkpoints, states and lines on the leaderboard. Only
 *     this word deletes files, never that a run is not there: a topic can be lost. It is never taken back
 * @param formerly incarnations of runs of this id that were removed before this one was ordered, of which the same holds:
 *     compaction may have taken their own records; empty where there were none
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
        @JsonInclude(JsonInclude.Include.NON_NULL) Start start,
        @JsonInclude(JsonInclude.Include.NON_NULL) String team,
        @JsonInclude(JsonInclude.Include.NON_NULL) Workers workers,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Integer> extensions,
        @JsonInclude(JsonInclude.Include.NON_NULL) Boolean stopped,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) Boolean removed,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> formerly)
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
        extensions = List.copyOf(Fields.or(extensions, List.of()));
        extensions.forEach(epochs -> Fields.range("extensions", epochs, 1, Fields.MAX_COUNT));
        Fields.range(
                "extensions",
                recipe.epochs()
                        + extensions.stream().mapToLong(Integer::longValue).sum(),
                1,
                Fields.MAX_COUNT);
        removed = Boolean.TRUE.equals(removed);
        formerly = List.copyOf(Fields.or(formerly, List.of()));
    }

    /** A run as it is ordered. */
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
            Integer priority,
            Start start) {
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
                start,
                null,
                null,
                List.of(),
                null,
                false,
                List.of());
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

    /** Epochs that were asked for at a time: those of the recipe, and each extension. */
    public List<Integer> spans() {
        return Stream.concat(Stream.of(recipe.epochs()), extensions.stream()).toList();
    }

    /** Epochs in all, those that were added later among them. */
    public int epochs() {
        return spans().stream().mapToInt(Integer::intValue).sum();
    }

    /** Whether what was asked for at a time, at first or later, ends with an epoch, counted from 1. */
    public boolean endsSpan(int epoch) {
        int end = 0;
        for (int epochs : spans()) {
            end += epochs;
            if (end == epoch) {
                return true;
            }
        }
        return false;
    }

    /** Whether its shards are trained apart, by replicas that share what they learnt when a round of steps ends. */
    public boolean inRounds() {
        return shards > 1 && recipe.sync() != null;
    }

    /** Number of steps of the whole run. */
    public long steps() {
        return (long) epochs() * batchesPerEpoch;
    }

    /** Whether it is to be trained: it is neither stopped nor removed. */
    public boolean wanted() {
        return !removed && !Boolean.TRUE.equals(stopped);
    }

    /** The incarnations of which everything is to be deleted: its own where it is removed, and those before it. */
    public List<String> removedIncarnations() {
        return removed
                ? Stream.concat(formerly.stream(), Stream.of(incarnation())).toList()
                : formerly;
    }

    /** This run after so many epochs more. */
    public RunSpec withExtension(int epochs) {
        List<Integer> more =
                Stream.concat(extensions.stream(), Stream.of(epochs)).toList();
        return with(more, stopped, removed, formerly);
    }

    /** This run, stopped or resumed. */
    public RunSpec withStopped(boolean now) {
        return with(extensions, now, removed, formerly);
    }

    /** This run, of which everything is to be deleted. */
    public RunSpec asRemoved() {
        return with(extensions, stopped, true, formerly);
    }

    /** This run, ordered after others of its id that were removed. */
    public RunSpec withFormerly(List<String> incarnations) {
        return with(extensions, stopped, removed, incarnations);
    }

    /** This run, of another priority. */
    public RunSpec withPriority(int now) {
        return with(now, team, workers, extensions, stopped, removed, formerly);
    }

    /** This run, of a team, and with what it may have of the pool; both may be null. */
    public RunSpec withShare(String team, Workers workers) {
        return with(priority, team, workers, extensions, stopped, removed, formerly);
    }

    private RunSpec with(List<Integer> extensions, Boolean stopped, boolean removed, List<String> formerly) {
        return with(priority, team, workers, extensions, stopped, removed, formerly);
    }

    private RunSpec with(
            int priority,
            String team,
            Workers workers,
            List<Integer> extensions,
            Boolean stopped,
            boolean removed,
            List<String> formerly) {
        return new RunSpec(
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
                start,
                team,
                workers,
                extensions,
                stopped,
                removed,
                formerly);
    }
}
