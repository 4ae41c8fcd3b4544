// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.ticket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private final Places places = new Places(2);

    @Test
    void oneTooManyIsTurnedAwayUntilAnotherHasLeft() {
        // Given
        Places.Place first = places.take();
        Places.Place second = places.take();

        // Then
        assertThat(places.taken()).isEqualTo(2);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(places::take)
                .withMessageContaining("2 requests are waiting")
                .satisfies(e -> assertThat(e.retryAfter().toSeconds()).isOne())
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.FULL));
        first.close();
        first.close();
        assertThat(places.taken()).isOne();
        assertThat(places.take()).isNotNull();
        second.close();
    }
}
