// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyedRandomTest {
    @Test
    void theSameKeyGivesTheSameNumbersForEver() {
        // These numbers are part of what "the same run" means: a change here changes every run.
        KeyedRandom random = KeyedRandom.of("shuffle", 1, 2, 3);

        assertThat(random.nextLong()).isEqualTo(-7684137567129798512L);
        assertThat(random.nextInt(1000)).isEqualTo(138);
        assertThat(random.nextDouble()).isEqualTo(0.6050758457292034);
    }

    @Test
    void anotherKeyGivesOtherNumbers() {
        long first = KeyedRandom.of("shuffle", 1, 2).nextLong();

        assertThat(first)
                .isNotEqualTo(KeyedRandom.of("shuffle", 2, 1).nextLong())
                .isNotEqualTo(KeyedRandom.of("shift", 1, 2).nextLong())
                .isNotEqualTo(KeyedRandom.of("shuffle", 1, 2, 0).nextLong());
    }

    @Test
    void everyIntegerBelowTheBoundIsAboutAsLikely() {
        KeyedRandom random = KeyedRandom.of("test", 5);
        int[] counts = new int[7];

        IntStream.range(0, 70_000).forEach(k -> counts[random.nextInt(7)]++);

        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(9_600, 10_400));
    }

    @Test
    void gaussiansHaveMeanZeroAndDeviationOne() {
        KeyedRandom random = KeyedRandom.of("test", 6);

        double[] values =
                IntStream.range(0, 100_000).mapToDouble(k -> random.gaussian()).toArray();

        double mean = Arrays.stream(values).average().orElseThrow();
        double variance =
                Arrays.stream(values).map(value -> value * value).average().orElseThrow();
        assertThat(mean).isBetween(-0.02, 0.02);
        assertThat(variance).isBetween(0.97, 1.03);
    }
}
