// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static io.millrace.evaluator.Fixtures.testBatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.kafka.split.HeldOutSplit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sample takes 4 bytes. */
class KeptSplitsTest {
    private final KeptSplits kept = new KeptSplits(3, 20);

    private void read(String digest, int... labels) throws UnusableNetworkException {
        kept.makeRoom(digest, 4L * labels.length);
        kept.put(HeldOutSplit.of(digest, List.of(testBatch(digest, 0, 1, labels))));
    }

    @Test
    void whatWasNotAskedForForTheLongestTimeGoesBeforeAnotherIsRead() throws Exception {
        // Given two that fill 16 of 20 bytes
        read("a", 0, 1);
        read("b", 0, 1);
        assertThat(kept.get("a")).isPresent();

        // When there is to be room for another 8, and nothing of it has been read
        kept.makeRoom("c", 8);

        // Then
        assertThat(kept.get("b")).isEmpty();
        assertThat(kept.get("a")).isPresent();
    }

    @Test
    void thereAreNoMoreThanAskedForHoweverSmall() throws Exception {
        for (String digest : List.of("a", "b", "c", "d")) {
            read(digest, 0);
        }

        assertThat(kept.get("a")).isEmpty();
        assertThat(kept.get("b")).isPresent();
        assertThat(kept.get("d")).isPresent();
    }

    @Test
    void oneThatAloneIsTooLargeIsRefusedWithTheNumbersAndTheRemedy() throws Exception {
        read("a", 0);
        KeptSplits ofAMegabyte = new KeptSplits(2, 1_000_000);

        assertThatCode(() -> ofAMegabyte.makeRoom("huge", 1_000_000)).doesNotThrowAnyException();
        assertThatThrownBy(() -> ofAMegabyte.makeRoom("huge", 1_500_000_000))
                .isInstanceOf(UnusableNetworkException.class)
                .hasMessageContaining("huge takes 1500.0 MB")
                .hasMessageContaining("room for 1.0 MB")
                .hasMessageContaining("-Xmx")
                .hasMessageContaining("--size");
        assertThatThrownBy(() -> kept.makeRoom("b", 21)).isInstanceOf(UnusableNetworkException.class);
        assertThat(kept.get("a")).isPresent();
    }
}
