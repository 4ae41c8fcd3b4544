// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EpochOrderTest {
    @Test
    void anEpochGoesThroughEverySampleOnce() {
        for (int samples : new int[] {1, 2, 3, 1000}) {
            int[] order = EpochOrder.of(4, 2, samples);

            Arrays.sort(order);
            assertThat(order).isEqualTo(IntStream.range(0, samples).toArray());
        }
    }

    @Test
    void theOrderDependsOnSeedAndEpoch() {
        int[] order = EpochOrder.of(4, 2, 100);

        assertThat(EpochOrder.of(4, 2, 100)).isEqualTo(order);
        assertThat(EpochOrder.of(4, 3, 100)).isNotEqualTo(order);
        assertThat(EpochOrder.of(5, 2, 100)).isNotEqualTo(order);
    }

    @Test
    void everyPlaceIsAsLikely() {
        int[] first = new int[5];
        for (int seed = 0; seed < 5000; seed++) {
            first[EpochOrder.of(seed, 0, 5)[0]]++;
        }

        assertThat(Arrays.stream(first).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(880, 1120));
    }
}
