// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A named tensor: its elements in row-major order, little-endian.
 *
 * @param name unique in its file
 * @param dtype element type
 * @param shape sizes, outermost first; empty for a scalar
 * @param data exactly the elements, from position 0 to the limit; not copied, so not to be changed meanwhile
 */
public record Tensor(String name, DType dtype, List<Long> shape, ByteBuffer data) {
    public Tensor {
        shape = List.copyOf(shape);
        data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        long expected = elements(shape) * dtype.bytes();
        if (data.remaining() != expected) {
            throw new IllegalArgumentException("tensor " + name + " of type " + dtype + " and shape " + shape + " has "
                    + expected + " bytes, got " + data.remaining());
        }
    }

    /** A view of the elements with a position of its own. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Number of elements. */
    public long elements() {
        return elements(shape);
    }

    private static long elements(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
