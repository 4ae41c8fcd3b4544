// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/**
 * Fresh weights, the same for the same seed everywhere: {@link Random}'s generator and its Gaussian are specified to the
 * bit (the latter through {@link StrictMath}).
 */
final class InitialWeights {
    private InitialWeights() {}

    static List<Tensor> draw(List<Weight> weights, long seed) {
        Random random = new Random(seed);
        return weights.stream().map(weight -> draw(weight, random)).toList();
    }

    private static Tensor draw(Weight weight, Random random) {
        int elements = Math.toIntExact(weight.elements());
        ByteBuffer data = ByteBuffer.allocate(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < elements; k++) {
            data.putFloat(value(weight.initial(), random));
        }
        return new Tensor(weight.name(), DType.F32, weight.shape(), data.flip());
    }

    private static float value(Weight.Initial initial, Random random) {
        if (initial instanceof Weight.Initial.Normal normal) {
            return (float) (random.nextGaussian() * normal.deviation());
        }
        if (initial instanceof Weight.Initial.Uniform uniform) {
            return (float) ((2 * random.nextDouble() - 1) * uniform.bound());
        }
        return ((Weight.Initial.Constant) initial).value();
    }
}
