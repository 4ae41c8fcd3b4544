// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void theSpreadIsThatOfTheSortedMeasurements() {
        assertThat(Spread.of(3, 1, 2)).isEqualTo(new Spread(3, 1, 2, 3));
        assertThat(Spread.of(4, 1, 2, 3)).isEqualTo(new Spread(4, 1, 2.5, 4));
        assertThatThrownBy(Spread::of).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSlopeIsThatOfTheReadingsFromTheFirstOneAskedFor() {
        double[] step = {100, 200, 300, 400};
        double[] bytes = {9999, 50, 60, 70};

        assertThat(Memory.slope(step, bytes, 1)).isCloseTo(0.1, within(1e-12));
    }
}
