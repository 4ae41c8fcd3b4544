// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class DifferenceTest {
    private static Tensor tensor(String name, float... values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Tensor(name, DType.F32, List.of((long) values.length), data);
    }

    @Test
    void theSameBitsDoNotDifferWhateverTheirOrder() {
        List<Tensor> stored = List.of(tensor("a", 1, Float.NaN), tensor("b", 2));
        List<Tensor> again = List.of(tensor("b", 2), tensor("a", 1, Float.NaN));
        assertThat(Difference.of(stored, again)).isEmpty();
    }

    @Test
    void otherBitsAreMeasuredAndNamed() {
        Difference difference = Difference.of(
                        List.of(tensor("a", 3, 0), tensor("b", 4), tensor("c", 0)),
                        List.of(tensor("a", 3, 0.5f), tensor("b", 4.25f), tensor("c", 0)))
                .orElseThrow();
        assertThat(difference.largest()).isEqualTo(0.5);
        assertThat(difference.where()).isEqualTo("a");
        assertThat(difference.tensors()).isEqualTo(2);
        assertThat(difference.relative()).isCloseTo(Math.sqrt(0.25 + 0.0625) / 5, within(1e-12));
        assertThat(difference.said()).isEqualTo("at most 0.500 in a, relative 0.112, in 2 tensors");
    }

    @Test
    void zeroesOfOtherSignsAreOtherBits() {
        assertThat(Difference.of(List.of(tensor("a", 0f)), List.of(tensor("a", -0f))))
                .map(Difference::largest)
                .contains(0.0);
    }

    @Test
    void whatIsNoNumberIsFartherThanAnything() {
        Difference difference = Difference.of(
                        List.of(tensor("a", 1, 1), tensor("b", 1)), List.of(tensor("a", 1, Float.NaN), tensor("b", 9)))
                .orElseThrow();
        assertThat(difference.where()).isEqualTo("a");
        assertThat(difference.largest()).isNaN();
    }

    @Test
    void tensorsThatAreMissingOrOfAnotherShapeAreNamed() {
        Difference difference = Difference.of(
                        List.of(tensor("a", 1), tensor("b", 1, 2)), List.of(tensor("b", 1), tensor("c", 1)))
                .orElseThrow();
        assertThat(difference.unlike()).containsExactly("a", "b", "c");
        assertThat(difference.said()).isEqualTo("not the same tensors: a, b, c");
    }
}
