// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static io.millrace.evaluator.Fixtures.announcement;
import static io.millrace.evaluator.Fixtures.checkpoint;
import static io.millrace.evaluator.Fixtures.testBatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.evaluator.Fixtures;
import io.millrace.kafka.split.HeldOutSplit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ValidationSplitsTest {
    private static final CheckpointPublished CHECKPOINT =
            announcement(checkpoint("run-abc", 5), Fixtures.MODEL, Fixtures.DIGEST, 5);

    private final List<String> asked = new ArrayList<>();
    private Dataset.Validation validation;
    private Instant now = Fixtures.NOON;
    private boolean known = true;
    private boolean there = true;
    private final ValidationSplits splits = new ValidationSplits(
            incarnation -> known && incarnation.equals("run-abc") ? Optional.of(run()) : Optional.empty(),
            digest -> {
                asked.add(digest);
                if (!there) {
                    throw new UnusableNetworkException("2 of 3 batches");
                }
                return HeldOutSplit.of(digest, List.of(testBatch(digest, 0, 1, 1, 0)));
            },
            () -> now);

    private RunSpec run() {
        RunSpec plain = Fixtures.run("run", 0);
        return new RunSpec(
                plain.runId(),
                plain.createdAt(),
                plain.model(),
                validation == null ? plain.dataset() : plain.dataset().with(validation),
                plain.network(),
                plain.recipe(),
                plain.shards(),
                plain.seed(),
                plain.batchesPerEpoch(),
                plain.encoding(),
                plain.priority());
    }

    @Test
    void itIsTheOneThatTheRunHasSetApart() throws Exception {
        validation = new Dataset.Validation(0.1, "held-out", 10);

        assertThat(splits.of(CHECKPOINT).digest()).isEqualTo("held-out");
    }

    @Test
    void aRunWithoutOneOrOfWhichNothingIsKnownHasNone() {
        assertThatThrownBy(() -> splits.of(CHECKPOINT))
                .isInstanceOf(UncalibratedException.class)
                .hasMessageContaining("has no validation split")
                .hasMessageContaining("recipe");
        known = false;
        assertThatThrownBy(() -> splits.of(CHECKPOINT)).hasMessageContaining("nothing is known of its run");
        assertThat(asked).isEmpty();
    }

    @Test
    void oneThatIsNotThereIsWaitedForNowAndThenOnly() throws Exception {
        validation = new Dataset.Validation(0.1, "held-out", 10);
        there = false;

        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> splits.of(CHECKPOINT))
                    .isInstanceOf(UncalibratedException.class)
                    .hasMessageContaining("2 of 3 batches");
        }
        assertThat(asked).containsExactly("held-out");

        // And when it came late
        there = true;
        now = now.plus(Duration.ofMinutes(11));
        assertThat(splits.of(CHECKPOINT).digest()).isEqualTo("held-out");
    }
}
