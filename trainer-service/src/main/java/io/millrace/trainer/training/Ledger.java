// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.trainer.checkpoint.BatchChain;
import io.millrace.trainer.checkpoint.Resumption;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.consume.StepInput;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Keeps the books of a run: which batches were trained, and where reading goes on. For the training thread. */
final class Ledger {
    private final BatchChain chain;
    private final StringBuilder lines = new StringBuilder();
    private final Map<Integer, Long> firstOffsets = new TreeMap<>();
    private Map<Integer, Long> nextOffsets;
    private long step;
    private long samples;

    Ledger(Optional<Resumption> resumption) {
        chain = new BatchChain(resumption.map(Resumption::batchesDigest).orElse(BatchChain.EMPTY));
        nextOffsets = resumption.map(Resumption::nextOffsets).orElse(Map.of());
        step = resumption.map(Resumption::step).orElse(0L);
        samples = resumption.map(Resumption::samplesSeen).orElse(0L);
    }

    /** A step was done. */
    void enter(StepInput input) {
        step++;
        samples += input.samples();
        for (ShardBatch batch : input.shards()) {
            firstOffsets.putIfAbsent(batch.id().shard(), batch.offset());
            if (batch.images().isPresent()) {
                chain.add(batch.id());
            }
        }
        nextOffsets = input.nextOffsets();
        lines.append(step).append(' ').append(input.epoch()).append(' ').append(input.index());
        lines.append(' ').append(offsets(input)).append('\n');
    }

    private static String offsets(StepInput input) {
        return input.shards().stream()
                .map(batch -> batch.images().isPresent() ? Long.toString(batch.offset()) : "-")
                .collect(Collectors.joining(","));
    }

    /** Steps done. */
    long step() {
        return step;
    }

    /** Training samples so far. */
    long samples() {
        return samples;
    }

    Map<Integer, Long> firstOffsets() {
        return Map.copyOf(firstOffsets);
    }

    Map<Integer, Long> nextOffsets() {
        return nextOffsets;
    }

    String batchesDigest() {
        return chain.digest();
    }

    /** The lines for the log of batches since this was asked for last. */
    String takeLines() {
        String taken = lines.toString();
        lines.setLength(0);
        return taken;
    }
}
