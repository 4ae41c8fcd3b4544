// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.GraphWriter.Convolution;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Folds BatchNorm in inference mode into the convolution before it: {@code w' = w·γ/√(σ²+ε)},
 * {@code b' = β − μ·γ/√(σ²+ε)}. The sums are made in double precision.
 */
final class BatchNormFolding {
    /** torch's default. */
    static final String EPSILON = "1e-05";

    private BatchNormFolding() {}

    /** The weights of the folded network, from those of the trained one. */
    static Map<String, Tensor> fold(List<Convolution> convolutions, Map<String, Tensor> trained) {
        Map<String, Tensor> folded = new HashMap<>(trained);
        for (Convolution convolution : convolutions) {
            ByteBuffer gamma = trained.get(convolution.norm() + ".weight").data();
            ByteBuffer beta = trained.get(convolution.norm() + ".bias").data();
            ByteBuffer mean = trained.get(convolution.norm() + ".running_mean").data();
            ByteBuffer variance =
                    trained.get(convolution.norm() + ".running_var").data();
            Tensor weight = trained.get(convolution.name() + ".weight");
            ByteBuffer kernel = weight.data();
            ByteBuffer newKernel = floats(kernel.remaining() / Float.BYTES);
            ByteBuffer newBias = floats(convolution.outputs());
            int perOutput = kernel.remaining() / Float.BYTES / convolution.outputs();
            for (int out = 0; out < convolution.outputs(); out++) {
                double factor = gamma.getFloat() / Math.sqrt(variance.getFloat() + Double.parseDouble(EPSILON));
                for (int k = 0; k < perOutput; k++) {
                    newKernel.putFloat((float) (kernel.getFloat() * factor));
                }
                newBias.putFloat((float) (beta.getFloat() - mean.getFloat() * factor));
            }
            String bias = convolution.name() + ".bias";
            folded.put(weight.name(), new Tensor(weight.name(), DType.F32, weight.shape(), newKernel.flip()));
            folded.put(bias, new Tensor(bias, DType.F32, List.of((long) convolution.outputs()), newBias.flip()));
        }
        return folded;
    }

    private static ByteBuffer floats(int count) {
        return ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
}
