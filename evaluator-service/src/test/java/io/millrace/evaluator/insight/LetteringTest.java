// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.evaluator.insight.InsightUnavailableException.Reason;
import org.junit.jupiter.api.Test;

class LetteringTest {
    @Test
    void aMachineWithoutFontsIsNoneToAskAgainAndIsToldWhatToInstall() {
        assertThatExceptionOfType(InsightUnavailableException.class)
                .isThrownBy(() -> Lettering.require(() -> {
                    throw new InternalError("Fontconfig head is null");
                }))
                .withMessageContaining("Fontconfig head is null")
                .withMessageContaining("apt install fontconfig fonts-dejavu-core")
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.UNEQUIPPED));
    }
}
