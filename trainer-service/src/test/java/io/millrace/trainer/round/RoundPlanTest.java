// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundPlanTest {
    /** Where rounds end, from the run's begin to a step. */
    private static List<Long> ends(RoundPlan plan, long to) {
        List<Long> ends = new ArrayList<>();
        for (long step = 0; step < to; step = ends.get(ends.size() - 1)) {
            ends.add(plan.end(step));
        }
        return ends;
    }

    @Test
    void roundsEndAtMultiplesOfTheRunAndWithEachEpoch() {
        assertThat(ends(new RoundPlan(4, 3, 9), 18)).containsExactly(1L, 2L, 3L, 4L, 8L, 9L, 12L, 16L, 18L);
    }

    @Test
    void aRoundThatAnEpochCutsDownToOneStepSharesNoGradients() {
        RoundPlan plan = new RoundPlan(4, 3, 9);

        assertThat(plan.isRound(8, 9)).isTrue();
        assertThat(plan.sharesGradients(8)).isFalse();
        assertThat(plan.sharesGradients(3)).as("as long, by the multiple of 4").isFalse();
        assertThat(plan.sharesGradients(2)).isTrue();
        assertThat(new RoundPlan(1, 0, 9).sharesGradients(8)).isTrue();
    }
}
