// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collection;

/** The weights of a checkpoint. */
public final class Weights {
    private final Collection<Tensor> tensors;

    private Weights(Collection<Tensor> tensors) {
        this.tensors = tensors;
    }

    /**
     * Those of a file.
     *
     * @throws IOException when it cannot be read, or holds no weights
     */
    public static Weights read(Path file) throws IOException {
        return new Weights(Safetensors.read(file).tensors());
    }

    /** Takes a tensor's histogram, by its name with {@code /} for the point. */
    interface Taker {
        void take(String name, Histogram histogram) throws IOException;
    }

    void eachHistogram(Taker taker) throws IOException {
        for (Tensor tensor : tensors) {
            if (tensor.dtype() == DType.F32 && tensor.elements() > 0) {
                FloatBuffer values = tensor.data().asFloatBuffer();
                taker.take(tensor.name().replace('.', '/'), Histogram.of(values));
            }
        }
    }
}
