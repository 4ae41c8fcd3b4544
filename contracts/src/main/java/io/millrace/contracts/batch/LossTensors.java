// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** What a batch may have for its loss beside labels, as tensors and back. Stateless. */
final class LossTensors {
    private static final String SOFT_LABELS = "soft_labels";
    private static final String WEIGHTS = "weights";
    /** How far soft labels may be from 1 together: float32 rounds each. */
    private static final double ROUNDING = 1e-3;

    private LossTensors() {}

    /** Those that a batch has. */
    static List<Tensor> of(ImageBatch batch) {
        long n = batch.size();
        List<Tensor> tensors = new ArrayList<>();
        if (batch.softLabels() != null) {
            tensors.add(floats(SOFT_LABELS, List.of(n, (long) batch.softClasses()), batch.softLabels()));
        }
        if (batch.weights() != null) {
            tensors.add(floats(WEIGHTS, List.of(n), batch.weights()));
        }
        return tensors;
    }

    private static Tensor floats(String name, List<Long> shape, float[] values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Tensor(name, DType.F32, shape, data);
    }

    /** {@code [N,K]}, or null. */
    static float[] softLabels(Safetensors file, long size)
            throws MalformedBatchException, MalformedSafetensorsException {
        if (!file.has(SOFT_LABELS)) {
            return null;
        }
        Tensor tensor = file.tensor(SOFT_LABELS);
        List<Long> shape = tensor.shape();
        if (tensor.dtype() != DType.F32 || shape.size() != 2 || shape.get(0) != size || shape.get(1) < 1) {
            throw new MalformedBatchException(
                    "soft_labels should be F32 [" + size + ",K], they are " + tensor.dtype() + " " + tensor.shape());
        }
        float[] values = notNegative(tensor);
        int classes = Math.toIntExact(shape.get(1));
        for (int k = 0; k < size; k++) {
            double sum = 0;
            for (int label = 0; label < classes; label++) {
                sum += values[k * classes + label];
            }
            if (Math.abs(sum - 1) > ROUNDING) {
                throw new MalformedBatchException("the soft labels of image " + k + " are " + sum + " together, not 1");
            }
        }
        return values;
    }

    /** {@code [N]}, or null. */
    static float[] weights(Safetensors file, long size) throws MalformedBatchException, MalformedSafetensorsException {
        if (!file.has(WEIGHTS)) {
            return null;
        }
        Tensor tensor = file.tensor(WEIGHTS);
        if (tensor.dtype() != DType.F32 || !tensor.shape().equals(List.of(size))) {
            throw new MalformedBatchException(
                    "weights should be F32 [" + size + "], they are " + tensor.dtype() + " " + tensor.shape());
        }
        float[] values = notNegative(tensor);
        for (float value : values) {
            if (value > 0) {
                return values;
            }
        }
        throw new MalformedBatchException("all weights are 0, so that the batch has no mean loss");
    }

    private static float[] notNegative(Tensor tensor) throws MalformedBatchException {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        tensor.data().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        for (float value : values) {
            if (!(value >= 0) || Float.isInfinite(value)) {
                throw new MalformedBatchException(tensor.name() + " has the value " + value + "; 0 is the least");
            }
        }
        return values;
    }
}
