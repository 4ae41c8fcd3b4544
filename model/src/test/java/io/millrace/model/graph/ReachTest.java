// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.network.Window;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReachTest {
    @ParameterizedTest
    @CsvSource({
        // kernel, stride, padding, side: first live tap, live taps
        "3, 1, 1, 1, 1, 1",
        "3, 2, 1, 1, 1, 1",
        "3, 2, 1, 2, 1, 2",
        "3, 1, 1, 2, 0, 3",
        "7, 2, 3, 4, 1, 6",
        "7, 2, 3, 28, 0, 7",
        "1, 2, 0, 2, 0, 1",
    })
    void tapsThatMeetAPixelAreLive(int kernel, int stride, int padding, int side, int first, int taps) {
        Reach reach = Reach.of(new Window(kernel, stride, padding), side);

        assertThat(reach.first()).isEqualTo(first);
        assertThat(reach.taps()).isEqualTo(taps);
    }
}
