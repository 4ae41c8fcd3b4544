// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchIdTest {
    private static final BatchId WHOLE = new BatchId("run-1", Split.TEST, 0, 19, 2);

    @Test
    void anIdIsReadFromItsText() {
        assertThat(WHOLE).hasToString("run-1/test/0/19/2");
        assertThat(BatchId.parse(WHOLE.toString())).contains(WHOLE);
    }

    @Test
    void thePartsOfABatchHaveTextsOfTheirOwnAndKnowTheWhole() {
        BatchId part = WHOLE.part(1, 3);

        assertThat(part).hasToString("run-1/test/0/19/2/1of3");
        assertThat(BatchId.parse(part.toString())).contains(part);
        assertThat(part.whole()).isEqualTo(WHOLE);
        assertThat(WHOLE.part(0, 1)).isEqualTo(WHOLE);
        assertThat(BatchId.parse("run-1/test/0/19/2/0of1")).contains(WHOLE);
    }

    @ParameterizedTest
    @CsvSource({"3, 3", "-1, 3", "0, 0"})
    void thereIsNoPartBeyondTheLast(int part, int parts) {
        assertThatThrownBy(() -> WHOLE.part(part, parts))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no part " + part + " of " + parts);
    }

    @ParameterizedTest
    @CsvSource({
        "run-1/train/0/19",
        "run-1/other/0/1/2",
        "run-1/train/-1/1/2",
        "run-1/train/1/99999999999/0",
        "run-1/train/0/1/2/3of3",
        "run-1/train/0/1/2/0of0",
        "run-1/train/0/1/2/1",
        "run-1/train/0/1/2/1of2/3",
        "''"
    })
    void whatIsNoIdGivesNone(String text) {
        assertThat(BatchId.parse(text)).isEmpty();
        assertThat(BatchId.parse(null)).isEmpty();
    }
}
