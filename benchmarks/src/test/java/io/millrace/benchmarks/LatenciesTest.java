// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {
    private final Latencies latencies = new Latencies();

    @Test
    void quantilesAreTimesThatSoManyTookAtTheMost() {
        for (int k = 100; k >= 1; k--) {
            latencies.answered(k);
        }

        assertThat(latencies.quantile(0.5)).isEqualTo(50);
        assertThat(latencies.quantile(0.99)).isEqualTo(99);
        assertThat(latencies.quantile(1)).isEqualTo(100);
        assertThat(latencies.answered()).isEqualTo(100);
    }

    @Test
    void whatFailedTookForEver() {
        for (int k = 1; k <= 98; k++) {
            latencies.answered(k);
        }
        latencies.failed("503");
        latencies.failed("503");

        assertThat(latencies.quantile(0.98)).isEqualTo(98);
        assertThat(latencies.quantile(0.99)).isInfinite();
        assertThat(latencies.size()).isEqualTo(100);
        assertThat(latencies.failures()).containsEntry("503", 2).hasSize(1);
    }

    @Test
    void nothingHasNoQuantile() {
        assertThat(latencies.quantile(0.5)).isNaN();
    }
}
