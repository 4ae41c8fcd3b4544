// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.consume.StepInput;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final double HALF = 0.5;

    private final RunSpec run = Fixtures.run("books", 4, 5, 1);

    @Test
    void aRunMayLoseHalfOfAllItsBatches() throws Exception {
        Ledger ledger = trainedAndLost(1, 10);

        assertThatCode(() -> ledger.requireEnough(run, HALF, false)).doesNotThrowAnyException();
        ledger.enter(lost(11));
        assertThatThrownBy(() -> ledger.requireEnough(run, HALF, false))
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("11 of the run's 20 batches are lost, 55.0 % of them after 12 steps");
    }

    @Test
    void ofARunThatStopsEarlyThoseCountThatItCameTo() throws Exception {
        Ledger ledger = trainedAndLost(1, 4);

        assertThatThrownBy(() -> ledger.requireEnough(run, HALF, true))
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("4 of the run's 5 batches are lost, 80.0 % of them after 5 steps");
    }

    /** A ledger of so many steps whose batches were read, and so many whose batches were not. */
    private static Ledger trainedAndLost(int trained, int lost) {
        Ledger ledger = new Ledger(
                new Position(trained, trained, 0, 8L * trained, 0, Map.of(), Position.START.batchesDigest(), 0, 0, 0));
        for (int k = 0; k < lost; k++) {
            ledger.enter(lost(trained + k));
        }
        return ledger;
    }

    private static StepInput lost(int step) {
        return new StepInput(List.of(new ShardBatch(
                new BatchId("books-1", Split.TRAIN, 0, step, 0), Optional.empty(), new OffsetRange(step, step + 1))));
    }
}
