// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private final BodyBudget budget = new BodyBudget(10);

    @Test
    void whatWasRefusedOrGivenBackIsFreeForOthers() {
        assertThat(budget.take(0, 6)).isTrue();
        assertThat(budget.take(0, 5)).isFalse();
        assertThat(budget.take(0, 4)).isTrue();
        budget.give(6);
        assertThat(budget.take(4, 6)).isTrue();
        assertThat(budget.take(10, 1)).as("alone").isTrue();
        assertThat(budget.take(0, 1)).isFalse();
    }
}
