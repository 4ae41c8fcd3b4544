// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.event.Recipe.Schedule;
import io.millrace.contracts.event.Recipe.Schedule.Kind;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    private static double[] rates(Kind kind, double peak, double warmUp, int steps) {
        LearningRateSchedule schedule = LearningRateSchedule.of(new Schedule(kind, peak, warmUp), steps);
        return IntStream.range(0, steps).mapToDouble(schedule::at).toArray();
    }

    @Test
    void constantStaysWhereItIs() {
        assertThat(rates(Kind.CONSTANT, 0.01, 0, 4)).containsExactly(0.01, 0.01, 0.01, 0.01);
    }

    @Test
    void warmUpRisesOnALineToThePeak() {
        assertThat(rates(Kind.CONSTANT, 8, 0.5, 6)).containsExactly(2, 4, 6, 8, 8, 8);
    }

    @Test
    void oneCycleFallsOnALineToNothing() {
        assertThat(rates(Kind.ONE_CYCLE, 8, 0.25, 4))
                .containsExactly(new double[] {4, 8, 16 / 3.0, 8 / 3.0}, within(1e-12));
    }

    @Test
    void cosineFallsAsHalfACosine() {
        double[] expected = {1, (1 + Math.sqrt(0.5)) / 2, 0.5, (1 - Math.sqrt(0.5)) / 2};
        assertThat(rates(Kind.COSINE, 1, 0, 4)).containsExactly(expected, within(1e-12));
    }

    @Test
    void aRunOfOneStepHasThePeak() {
        for (Kind kind : Kind.values()) {
            assertThat(rates(kind, 0.5, 0.9, 1)).containsExactly(0.5);
        }
    }

    @Test
    void whatMakesNoSenseIsRefusedByName() {
        assertRefused(0, 0, 10, "learningRate");
        assertRefused(-1, 0, 10, "learningRate");
        assertRefused(Double.NaN, 0, 10, "learningRate");
        assertRefused(Double.POSITIVE_INFINITY, 0, 10, "learningRate");
        assertRefused(1, 1, 10, "warmupFraction");
        assertRefused(1, -0.1, 10, "warmupFraction");
        assertRefused(1, 0, 0, "step");
    }

    private static void assertRefused(double rate, double warmUp, long steps, String name) {
        assertThatThrownBy(() -> LearningRateSchedule.of(new Schedule(Kind.CONSTANT, rate, warmUp), steps))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    @Test
    void stepsOutsideTheRunAreRefused() {
        LearningRateSchedule schedule = LearningRateSchedule.of(new Schedule(Kind.COSINE, 1, 0), 10);
        assertThatThrownBy(() -> schedule.at(10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> schedule.at(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
