// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.replay;

import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.consume.StepInput;
import io.millrace.trainer.consume.StepSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Steps as the run had them: a batch that it went without is left out, even where it is there by now. */
final class RecordedSteps implements StepSource {
    private static final String LOST = "-";

    private final StepSource steps;
    /** By epoch and index, the offsets of those steps that lost something. */
    private final Map<String, List<String>> lossy = new HashMap<>();

    /** @param record as in {@link io.millrace.model.checkpoint.CheckpointStore#batches} */
    RecordedSteps(StepSource steps, List<String> record) {
        this.steps = steps;
        for (String line : record) {
            String[] fields = line.split(" ");
            List<String> offsets = List.of(fields[3].split(","));
            if (offsets.contains(LOST)) {
                lossy.put(fields[1] + ' ' + fields[2], offsets);
            }
        }
    }

    @Override
    public Optional<StepInput> poll(Duration atMost) throws InterruptedException {
        return steps.poll(atMost).map(this::asRecorded);
    }

    private StepInput asRecorded(StepInput step) {
        List<String> offsets = lossy.get(step.epoch() + " " + step.index());
        if (offsets == null) {
            return step;
        }
        return new StepInput(IntStream.range(0, step.shards().size())
                .mapToObj(k -> offsets.get(k).equals(LOST)
                        ? without(step.shards().get(k))
                        : step.shards().get(k))
                .toList());
    }

    private static ShardBatch without(ShardBatch batch) {
        return new ShardBatch(batch.id(), Optional.empty(), batch.records());
    }

    @Override
    public Optional<Long> lacks() {
        return steps.lacks();
    }

    @Override
    public Optional<String> problem() {
        return steps.problem();
    }

    @Override
    public void close() {
        steps.close();
    }
}
