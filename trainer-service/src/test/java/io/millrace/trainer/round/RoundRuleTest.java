// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Sync.Outer;
import io.millrace.model.StateVector;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers that can be checked by hand, exact in binary. */
class RoundRuleTest {
    /** Two parameters with a momentum each; one weight that is held in part, whose matrix is the identity. */
    private static final StateVector STOOD = new StateVector(
            new float[] {1, -2}, List.of(new float[] {0, 0}), new float[] {4}, new double[] {1, 0, 0, 1}, 10);

    private static Delta delta(
            int replica, int samples, float[] parameters, float momentum, float mean, double... dead) {
        return new Delta(
                "run-1",
                10,
                12,
                replica,
                "",
                0,
                0,
                samples,
                10 + replica,
                List.of(
                        new Delta.Batch(new OffsetRange(0, 1), samples),
                        new Delta.Batch(new OffsetRange(1, 2), samples)),
                parameters,
                List.of(new float[] {momentum, 2 * momentum}),
                new float[] {mean},
                dead);
    }

    private static final List<Delta> DELTAS = List.of(
            delta(0, 4, new float[] {0.5f, 1}, 2, 8, 0.5, -0.5, 0.25, 1),
            delta(1, 4, new float[] {1.5f, -3}, 4, 2, 0, -1, 0.75, 1));

    @Test
    void byDefaultWhatTheStepsTookOffIsTakenOffInTheMeanAndTheRestIsTheMean() {
        Shared after = RoundRule.after(Shared.at(STOOD, 0), DELTAS, new Outer(null, null));

        assertThat(after.vector().parameters()).containsExactly(1 - 1, -2 - -1);
        assertThat(after.vector().buffers()).containsExactly(new float[] {3, 6});
        assertThat(after.vector().statistics()).containsExactly(5);
        assertThat(after.vector().dead()).containsExactly(0.25, -0.75, 0.5, 1);
        assertThat(after.vector().updates())
                .as("that of the one that lost no batch")
                .isEqualTo(11);
        assertThat(after.velocity()).isEmpty();
        assertThat(after.state()).isEmpty();
    }

    /** Δ = (1, −1). First v = Δ, θ' = θ − α(Δ + βv); then v = βv + Δ. */
    @Test
    void theOuterStepHasARateAndNesterovsMomentum() {
        Outer outer = new Outer(0.5, 0.5);

        Shared first = RoundRule.after(Shared.at(STOOD, 0.5), DELTAS, outer);
        assertThat(first.velocity()).containsExactly(1, -1);
        assertThat(first.vector().parameters()).containsExactly(1 - 0.5f * 1.5f, -2 + 0.5f * 1.5f);
        // Row of the parameter: Δ = (1, 0) − (0.25, −0.75) = (0.75, 0.75)
        assertThat(first.deadVelocity()).containsExactly(0.75, 0.75);
        assertThat(first.vector().dead()).containsExactly(1 - 0.5 * 1.125, -0.5 * 1.125, 0.5, 1);

        Shared second = RoundRule.after(first, DELTAS, outer);
        assertThat(second.velocity()).containsExactly(1.5f, -1.5f);
        assertThat(second.vector().parameters()).containsExactly(0.25f - 0.5f * 1.75f, -1.25f + 0.5f * 1.75f);
        // What stands in a checkpoint leads to the same
        Shared resumed = Shared.at(first.vector(), 0.5, first.state());
        assertThat(RoundRule.after(resumed, DELTAS, outer))
                .usingRecursiveComparison()
                .isEqualTo(second);
    }

    @Test
    void gradientsAreAveragedOverTheReplicasThatHadABatch() {
        Delta lost = delta(2, 0, new float[] {0, 0}, 0, 5, 1, 0, 0, 1);

        assertThat(RoundRule.gradient(DELTAS)).contains(new float[] {1, -1});
        assertThat(RoundRule.gradient(List.of(DELTAS.get(0), DELTAS.get(1), lost)))
                .contains(new float[] {1, -1});
        assertThat(RoundRule.gradient(List.of(lost))).isEmpty();
        assertThat(RoundRule.statistics(List.of(DELTAS.get(0), DELTAS.get(1), lost)))
                .containsExactly(5);
    }

    /** float32: 1 + 2⁻²⁴ is 1, so the sum depends on the order; it goes from replica 0 on. */
    @Test
    void sumsGoFromReplicaZeroToTheLastInFloat32() {
        float tiny = 0x1p-24f;
        List<Delta> round = List.of(
                delta(0, 1, new float[] {1, tiny}, 0, 0, 1, 0, 0, 1),
                delta(1, 1, new float[] {tiny, tiny}, 0, 0, 1, 0, 0, 1),
                delta(2, 1, new float[] {tiny, 1}, 0, 0, 1, 0, 0, 1),
                delta(3, 1, new float[] {tiny, 0}, 0, 0, 1, 0, 0, 1));

        assertThat(RoundRule.gradient(round).orElseThrow()).containsExactly(0.25f, (1 + 0x1p-23f) / 4);
    }

    /** Rounds of 8 from step 3 on, in epochs of 20. */
    @ParameterizedTest
    @CsvSource({"0, 1", "2, 3", "3, 8", "7, 8", "8, 16", "16, 20", "20, 24", "39, 40", "40, 48"})
    void roundsEndAtTheirMultiplesAndWithEachEpoch(long from, long end) {
        RoundPlan plan = new RoundPlan(8, 3, 20);

        assertThat(plan.end(from)).isEqualTo(end);
        assertThat(plan.isRound(from, end)).isTrue();
        assertThat(plan.isRound(from, end + 1)).isFalse();
        assertThat(plan.isRound(-1, 0)).isFalse();
    }

    @Test
    void gradientsAreSharedWhereThePlanHasRoundsOfOneStepAndNotWhereAnEpochEnds() {
        RoundPlan plan = new RoundPlan(16, 3, 97);

        assertThat(plan.sharesGradients(2)).isTrue();
        assertThat(plan.sharesGradients(3)).isFalse();
        assertThat(plan.isRound(96, 97)).isTrue();
        assertThat(plan.sharesGradients(96)).isFalse();
        assertThat(new RoundPlan(1, 0, 97).sharesGradients(96)).isTrue();
    }
}
