// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class NormalizationTest {
    @Test
    void itIsTheUsualSubtractionOfTheMeanAndDivisionByTheDeviation() {
        Normalization mnist = Normalization.ofMeanStd(List.of(0.1307), List.of(0.3081));

        for (int q = 0; q < 256; q++) {
            double expected = (q / 255.0 - 0.1307) / 0.3081;
            assertThat(mnist.apply(0, q)).isCloseTo((float) expected, within(1e-6f));
        }
    }

    @Test
    void whatCannotNormalizeIsRefused() {
        assertThatThrownBy(() -> new Normalization(List.of(), List.of())).hasMessageContaining("got 0 and 0");
        assertThatThrownBy(() -> new Normalization(List.of(1f), List.of(1f, 2f)))
                .hasMessageContaining("got 1 and 2");
        assertThatThrownBy(() -> new Normalization(List.of(0f), List.of(1f)))
                .hasMessageContaining("scale of channel 0");
        assertThatThrownBy(() -> new Normalization(List.of(1f), List.of(Float.NaN)))
                .hasMessageContaining("zero_point of channel 0");
    }
}
