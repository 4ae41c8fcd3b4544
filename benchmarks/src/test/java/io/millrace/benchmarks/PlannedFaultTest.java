// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlannedFaultTest {
    private static List<PlannedFault> plan(long seed) {
        return PlannedFault.plan(
                seed, 50, 400, List.of(Fault.KILL, Fault.STOP), List.of(Target.TRAINER, Target.BROKER, Target.COMMAND));
    }

    @Test
    void equalSeedsPlanTheSameAndOthersDoNot() {
        assertThat(plan(7)).isEqualTo(plan(7)).isNotEqualTo(plan(8));
    }

    @Test
    void faultsAreSpreadOverTheRunInItsOrderAndEndBeforeIt() {
        List<PlannedFault> plan = plan(7);

        assertThat(plan).hasSize(50).isSortedAccordingTo(Comparator.comparingLong(PlannedFault::step));
        assertThat(plan.get(0).step()).isBetween(1L, 8L);
        assertThat(plan.get(49).step()).isBetween(350L, 360L);
        assertThat(plan).extracting(PlannedFault::fault).contains(Fault.KILL, Fault.STOP);
        assertThat(plan)
                .extracting(PlannedFault::target)
                .contains(Target.TRAINER, Target.BROKER, Target.COMMAND)
                .doesNotContain(Target.DATASET);
    }

    @Test
    void moreFaultsThanStepsArePlannedAsWell() {
        assertThat(PlannedFault.plan(1, 9, 3, List.of(Fault.TERM), List.of(Target.DATASET)))
                .hasSize(9)
                .allMatch(planned -> planned.step() >= 1 && planned.step() <= 3);
    }
}
