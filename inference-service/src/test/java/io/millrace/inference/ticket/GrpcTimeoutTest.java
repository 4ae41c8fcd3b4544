// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.ticket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTimeoutTest {
    @ParameterizedTest
    @CsvSource({"1H, 3600000", "2M, 120000", "3S, 3000", "100m, 100", "2500u, 2", "1n, 1", "99999999S, 99999999000"})
    void unitsAreThoseOfTheProtocol(String timeout, long millis) {
        assertThat(GrpcTimeout.millis(timeout)).contains(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "s", "1s", "-1S", "1.5S", "100000000S", " 1S"})
    void whatIsNoneIsRefused(String timeout) {
        assertThat(GrpcTimeout.millis(timeout)).isEmpty();
    }
}
