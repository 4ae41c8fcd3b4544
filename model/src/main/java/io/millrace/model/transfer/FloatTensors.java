// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.transfer;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.RefusedRequestException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensors of other floating types as float32, every value finite. */
final class FloatTensors {
    private static final int HALF_EXPONENT = 31;
    private static final int HALF_FRACTION_BITS = 10;
    private static final int HALF_FRACTION = (1 << HALF_FRACTION_BITS) - 1;
    private static final float HALF_SMALLEST = 0x1p-24f;

    private FloatTensors() {}

    /**
     * The same values, rounded where float32 has fewer digits.
     *
     * @throws RefusedRequestException naming a tensor that holds no floating-point numbers, or one that is not finite
     */
    static Tensor of(Tensor tensor) {
        int elements = Math.toIntExact(tensor.elements());
        ByteBuffer from = tensor.data();
        ByteBuffer to = ByteBuffer.allocate(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < elements; k++) {
            float value = value(tensor, from, k);
            if (!Float.isFinite(value)) {
                throw new RefusedRequestException("weight \"" + tensor.name() + "\" holds " + value + " as element " + k
                        + "; nothing can be learnt from there, take weights whose numbers are finite");
            }
            to.putFloat(value);
        }
        return new Tensor(tensor.name(), DType.F32, tensor.shape(), to.flip());
    }

    private static float value(Tensor tensor, ByteBuffer data, int index) {
        int at = index * tensor.dtype().bytes();
        return switch (tensor.dtype()) {
            case F32 -> data.getFloat(at);
            case F64 -> (float) data.getDouble(at);
            case BF16 -> Float.intBitsToFloat(data.getShort(at) << 16);
            case F16 -> half(data.getShort(at));
            default ->
                throw new RefusedRequestException("weight \"" + tensor.name() + "\" is " + tensor.dtype()
                        + "; it must be F32, or F64, F16 or BF16, which are converted: save it with .float()");
        };
    }

    /** IEEE 754 binary16. */
    private static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> HALF_FRACTION_BITS & HALF_EXPONENT;
        int fraction = bits & HALF_FRACTION;
        if (exponent == 0) {
            float value = fraction * HALF_SMALLEST;
            return sign == 0 ? value : -value;
        }
        int wide = exponent == HALF_EXPONENT ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }
}
