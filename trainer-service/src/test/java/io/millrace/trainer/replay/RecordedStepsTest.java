// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.RunSpec;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.consume.StepInput;
import io.millrace.trainer.consume.StepSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecordedStepsTest {
    private static final RunSpec RUN = Fixtures.run("r", 1, 8, 2);

    private static StepInput step(long step) {
        return new StepInput(IntStream.range(0, 2)
                .mapToObj(shard -> Fixtures.id(RUN, step, shard))
                .map(id -> new ShardBatch(id, Optional.of(Fixtures.batch(RUN, id)), new OffsetRange(step, step + 1)))
                .toList());
    }

    @Test
    void aBatchThatTheRunWentWithoutIsLeftOutThoughItIsThere() throws InterruptedException {
        Queue<StepInput> log = new ArrayDeque<>(List.of(step(0), step(1), step(2)));
        StepSource source = new StepSource() {
            @Override
            public Optional<StepInput> poll(Duration atMost) {
                return Optional.ofNullable(log.poll());
            }

            @Override
            public Optional<Long> lacks() {
                return Optional.empty();
            }

            @Override
            public Optional<String> problem() {
                return Optional.empty();
            }

            @Override
            public void close() {}
        };
        try (RecordedSteps steps = new RecordedSteps(source, List.of("1 0 0 0,0", "2 0 1 -,1", "3 0 2 2,2"))) {
            assertThat(steps.poll(Duration.ZERO).orElseThrow().batches()).hasSize(2);
            StepInput lossy = steps.poll(Duration.ZERO).orElseThrow();
            assertThat(lossy.shards()).hasSize(2);
            assertThat(lossy.batches()).extracting(batch -> batch.id().shard()).containsExactly(1);
            assertThat(steps.poll(Duration.ZERO).orElseThrow().batches()).hasSize(2);
            assertThat(steps.poll(Duration.ZERO)).isEmpty();
        }
    }
}
