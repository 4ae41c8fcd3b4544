// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerIdTest {
    private static final byte[] KEY = {1, 2, 3};
    private static final AnswerId ID =
            new AnswerId(Instant.parse("2026-11-20T20:45:30.123Z"), -5, "mnist", "mnist-step-7", "é: 7");

    @Test
    void whoHasTheKeyReadsWhatWasWritten() {
        assertThat(AnswerId.decoded(ID.encoded(KEY), KEY)).contains(ID);
        assertThat(ID.encoded(KEY)).matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{22}");
    }

    @Test
    void underAnotherKeyOrChangedItIsNone() {
        String text = ID.encoded(KEY);

        assertThat(AnswerId.decoded(text, new byte[] {1, 2, 4})).isEmpty();
        assertThat(AnswerId.decoded(text + "==", KEY))
                .as("the same bytes, spelled otherwise")
                .isEmpty();
        for (int k = 0; k < text.length(); k++) {
            char other = text.charAt(k) == 'A' ? 'B' : 'A';
            assertThat(AnswerId.decoded(text.substring(0, k) + other + text.substring(k + 1), KEY))
                    .as("changed at %d", k)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a", "a.b", "%%%.%%%", "AAAA.AAAA", "a.b.c"})
    void whatIsNoneIsNone(String text) {
        assertThat(AnswerId.decoded(text, KEY)).isEmpty();
    }

    @Test
    void whatIsTooLongIsNotLookedAt() {
        assertThat(AnswerId.decoded("A".repeat(5000) + ".AAAA", KEY)).isEmpty();
    }
}
