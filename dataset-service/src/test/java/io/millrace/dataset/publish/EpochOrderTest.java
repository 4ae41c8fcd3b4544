// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
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
    void aBalancedEpochHasAsManyOfEachClassWhateverThereIs() {
        // Given 90 of one class, 9 of another, and 1 of a third
        int[] labels =
                IntStream.range(0, 100).map(k -> k < 90 ? 0 : k < 99 ? 4 : 7).toArray();

        for (int epoch = 0; epoch < 5; epoch++) {
            int[] order = EpochOrder.balanced(3, epoch, labels);

            // Then
            assertThat(order).hasSize(100);
            int[] shown = new int[100];
            int[] ofClass = new int[8];
            Arrays.stream(order).forEach(sample -> {
                shown[sample]++;
                ofClass[labels[sample]]++;
            });
            assertThat(List.of(ofClass[0], ofClass[4], ofClass[7])).allMatch(count -> count == 33 || count == 34);
            assertThat(Arrays.stream(shown, 0, 90)).allMatch(times -> times <= 1);
            assertThat(Arrays.stream(shown, 90, 99)).allMatch(times -> times == 3 || times == 4);
            assertThat(EpochOrder.balanced(3, epoch, labels)).isEqualTo(order);
            assertThat(EpochOrder.balanced(3, epoch + 1, labels)).isNotEqualTo(order);
        }
        assertThat(IntStream.range(0, 40)
                        .flatMap(epoch -> Arrays.stream(EpochOrder.balanced(3, epoch, labels)))
                        .distinct())
                .as("others in every epoch")
                .hasSize(100);
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
