// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Position;
import org.junit.jupiter.api.Test;

class BatchChainTest {
    private static final BatchId FIRST = new BatchId("run-a", Split.TRAIN, 0, 0, 0);
    private static final BatchId SECOND = new BatchId("run-a", Split.TRAIN, 0, 1, 0);

    private static String of(BatchId... ids) {
        BatchChain chain = new BatchChain(Position.NO_BATCHES);
        for (BatchId id : ids) {
            chain.add(id);
        }
        return chain.digest();
    }

    @Test
    void isTheDigestOfTheOneBeforeAndTheId() {
        // (head -c 32 /dev/zero; printf run-a/train/0/0/0) | sha256sum
        assertThat(of(FIRST)).isEqualTo("724b303c025c0d95875cc4c48c9c164afba5dbd8d1c381946a33f1c7564b9dde");
    }

    @Test
    void changesWithOrderAndRepetition() {
        assertThat(of(FIRST, SECOND)).isNotEqualTo(of(SECOND, FIRST)).isNotEqualTo(of(FIRST, SECOND, SECOND));
    }

    @Test
    void goesOnFromADigest() {
        BatchChain chain = new BatchChain(of(FIRST));
        chain.add(SECOND);

        assertThat(chain.digest()).isEqualTo(of(FIRST, SECOND));
    }
}
