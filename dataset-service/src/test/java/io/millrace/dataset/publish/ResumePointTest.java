// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.run.RunSpecs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResumePointTest {
    private static final Dataset DATA = new Dataset(
            "data", "digest", 100, 10, 1, 28, 28, List.of("a", "b"), new Normalization(List.of(1f), List.of(0f)));
    /** Ten steps an epoch, two epochs each. */
    private static final List<RunSpec> RUNS = List.of(
            RunSpecs.of("first", DATA, 10, 1), RunSpecs.of("second", DATA, 10, 1), RunSpecs.of("third", DATA, 10, 1));

    private static BatchId batch(String runId, int epoch, int index) {
        return new BatchId(runId, Split.TRAIN, epoch, index, 0);
    }

    @Test
    void anEmptyLogMeansThatNothingIsPublished() {
        assertThat(ResumePoint.steps(RUNS, Optional.empty(), Map::of)).isEmpty();
    }

    @Test
    void runsBeforeTheLastBatchAreDoneAndItsOwnGoesOnBehindIt() {
        assertThat(ResumePoint.steps(RUNS, Optional.of(batch("second", 1, 3)), Map::of))
                .isEqualTo(Map.of("first", 20L, "second", 14L));
    }

    @Test
    void aRunWhoseLastBatchIsThereIsDone() {
        assertThat(ResumePoint.steps(RUNS, Optional.of(batch("third", 1, 9)), Map::of))
                .isEqualTo(Map.of("first", 20L, "second", 20L, "third", 20L));
    }

    @Test
    void whenTheLastRunIsForgottenEachRunsOwnLastBatchDecides() {
        Map<String, BatchId> last = Map.of("gone", batch("gone", 4, 4), "first", batch("first", 1, 9));

        assertThat(ResumePoint.steps(RUNS, Optional.of(batch("gone", 4, 4)), () -> last))
                .isEqualTo(Map.of("first", 20L));
    }
}
