// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import static io.millrace.evaluator.Fixtures.evaluation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloorTest {
    @Test
    void anAccuracyHasToBeReached() {
        Floor floor = Floor.of("0.9");

        assertThat(floor.objection(evaluation("run-1", 1, 0.9, 0.3))).isEmpty();
        assertThat(floor.objection(evaluation("run-1", 1, 0.8999, 0.3)))
                .contains("its accuracy of 0.8999 is below the floor of 0.9; millrace.evaluator.floor can be set");
        assertThat(Floor.of("0").objection(evaluation("run-1", 1, 0, 9))).isEmpty();
    }

    /** 0.5 and three times the root of 0.5 * 0.5 / 1000. */
    @Test
    void withoutOneTheCommonestClassHasToBeBeatenByMoreThanChance() {
        Floor floor = Floor.of(" Auto ");

        assertThat(floor.objection(evaluation("run-1", 1, 0.548, 0.3))).isEmpty();
        assertThat(floor.objection(evaluation("run-1", 1, 0.547, 0.3))).hasValueSatisfying(reason -> assertThat(reason)
                .startsWith("its accuracy of 0.5470 is not above 0.5474"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "high", "-0.1", "1.1", "99 %", "NaN"})
    void everythingElseIsRefused(String written) {
        assertThatThrownBy(() -> Floor.of(written))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a floor is \"auto\" or an accuracy from 0 to 1, not \"" + written + '"');
    }
}
