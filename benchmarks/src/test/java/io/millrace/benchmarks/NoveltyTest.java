// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NoveltyTest {
    @Test
    void theAreaIsHowOftenTheKnownHasTheLargerScore() {
        assertThat(Novelty.area(new double[] {2, 3}, new double[] {0, 1})).isEqualTo(1);
        assertThat(Novelty.area(new double[] {0, 1}, new double[] {2, 3})).isZero();
        assertThat(Novelty.area(new double[] {1, 2, 3}, new double[] {2, 2})).isEqualTo(0.5);
        assertThat(Novelty.area(new double[] {1, 4}, new double[] {0, 2, 3})).isEqualTo(4 / 6.0);
    }

    @Test
    void lettersAreInkOnDarkAndTheSameForTheSameSeed() {
        List<byte[]> letters = Letters.drawn(24, 28, 1);

        assertThat(letters).allSatisfy(letter -> {
            int ink = 0;
            for (byte pixel : letter) {
                ink += (pixel & 0xff) > 127 ? 1 : 0;
            }
            assertThat(ink).isBetween(30, 300);
        });
        assertThat(Letters.drawn(24, 28, 1)).usingRecursiveComparison().isEqualTo(letters);
    }
}
