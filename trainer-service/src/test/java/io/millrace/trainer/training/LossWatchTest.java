// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.StepStats;
import io.millrace.trainer.checkpoint.Snapshot.LossSum;
import io.millrace.trainer.consume.RunFailedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossWatchTest {
    private static Tensor tensor(float... values) {
        ByteBuffer data = ByteBuffer.allocateDirect(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return new Tensor("fc.weight", DType.F32, List.of((long) values.length), data.flip());
    }

    @Test
    void sumsLossesBySample() throws Exception {
        LossWatch watch = new LossWatch(() -> new StepStats(2, 0.5, 10));
        watch.read(1, 0.1);
        watch.read(2, 0.1);

        assertThat(watch.loss()).isEqualTo(2);
        assertThat(watch.accuracy()).isEqualTo(0.5);
        assertThat(watch.sum()).isEqualTo(new LossSum(40, 20));
        assertThat(watch.sum().meanSince(LossSum.NONE)).isEqualTo(2);
    }

    @Test
    void knowsNothingWhereThereWasNoStep() throws Exception {
        LossWatch watch = new LossWatch(() -> new StepStats(Double.NaN, Double.NaN, 0));
        watch.read(1, 0.1);

        assertThat(watch.loss()).isNull();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void endsARunWhoseLossIsNotFinite(double loss) {
        LossWatch watch = new LossWatch(() -> new StepStats(loss, 0, 10));

        assertThatThrownBy(() -> watch.read(7, 0.1))
                .isInstanceOf(RunFailedException.class)
                .hasMessage("loss is not finite at step 7 (learning rate 0.1)");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void endsARunWhoseWeightsAreNotFinite(float weight) {
        assertThatThrownBy(() -> LossWatch.check(List.of(tensor(1, weight, -2)), 7, 0.1))
                .isInstanceOf(RunFailedException.class)
                .hasMessage("weights fc.weight are not finite after step 7 (learning rate 0.1)");
    }

    @Test
    void letsFiniteWeightsPass() {
        assertThatCode(() -> LossWatch.check(List.of(tensor(0, -1, Float.MAX_VALUE)), 7, 0.1))
                .doesNotThrowAnyException();
    }
}
