// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.StepStats;
import io.millrace.trainer.Fixtures;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossWatchTest {
    /** 400 steps, of which 100 are the warm-up, and four classes: guessing costs 1.386. */
    private static final RunSpec RUN = Fixtures.run("run-a", 1, 400, 1);

    private double loss = 2;
    private final LossWatch watch = new LossWatch(RUN, 0, () -> new StepStats(loss, 0.5, 10));

    private static Tensor tensor(float... values) {
        ByteBuffer data = ByteBuffer.allocateDirect(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return new Tensor("fc.weight", DType.F32, List.of((long) values.length), data.flip());
    }

    private void read(long from, long to, LongToDoubleFunction losses) throws RunFailedException {
        for (long step = from; step <= to; step++) {
            loss = losses.applyAsDouble(step);
            watch.read(step, 0.1);
        }
    }

    @Test
    void takesMeansOverSamples() throws Exception {
        watch.read(1, 0.1);
        loss = 4;
        watch.read(2, 0.1);

        assertThat(watch.loss()).isEqualTo(4);
        assertThat(watch.accuracy()).isEqualTo(0.5);
        assertThat(watch.sincePoint.take()).isEqualTo(3);
        assertThat(watch.sincePoint.take()).isNull();
        assertThat(watch.sinceSnapshot.samples()).isEqualTo(20);
        assertThat(watch.sinceSnapshot.take()).isEqualTo(3);
    }

    @Test
    void knowsNothingWhereThereWasNoStep() throws Exception {
        LossWatch nothing = new LossWatch(RUN, 0, () -> new StepStats(Double.NaN, Double.NaN, 0));
        nothing.read(1, 0.1);

        assertThat(nothing.loss()).isNull();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void endsARunWhoseLossIsNotFinite(double notFinite) {
        loss = notFinite;

        assertThatThrownBy(() -> watch.read(7, 0.1))
                .isInstanceOfSatisfying(
                        RunFailedException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.DIVERGED))
                .hasMessage("loss is not finite at step 7 (learning rate 0.1)");
    }

    @Test
    void endsARunWhoseLossStaysAbsurd() {
        assertThatThrownBy(() -> read(1, 400, step -> step < 150 ? 2 : 5.6e13))
                .isInstanceOfSatisfying(
                        RunFailedException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.DIVERGED))
                .hasMessage("loss is 5.600e+13, more than 10 times that of guessing at step 180 (learning rate 0.1)");
    }

    @Test
    void endsARunWhoseLossIsAbsurdAtItsEnd() {
        assertThatThrownBy(() -> read(395, 400, step -> 14))
                .hasMessage("loss is 14.00, more than 10 times that of guessing at step 400 (learning rate 0.1)");
    }

    @Test
    void letsARunPassThatBeginsBadlyOrStumbles() {
        assertThatCode(() -> read(1, 400, step -> step <= 100 ? 1000 : step == 210 ? 1e6 : 13.8))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void endsARunWhoseWeightsAreNotFinite(float weight) {
        assertThatThrownBy(() -> LossWatch.check(List.of(tensor(1, weight, -2)), 7, 0.1))
                .isInstanceOf(RunFailedException.class)
                .hasMessage("weights fc.weight are not finite at step 7 (learning rate 0.1)");
    }

    @Test
    void letsFiniteWeightsPass() {
        assertThatCode(() -> LossWatch.check(List.of(tensor(0, -1, Float.MAX_VALUE)), 7, 0.1))
                .doesNotThrowAnyException();
    }
}
