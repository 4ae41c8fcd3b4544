// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Float32 tensors as one vector, one after the other, and apart again. Stateless. */
final class Flat {
    private Flat() {}

    /** @param tensors little-endian */
    static float[] of(List<ByteBuffer> tensors) {
        int bytes = tensors.stream().mapToInt(ByteBuffer::remaining).sum();
        float[] values = new float[bytes / Float.BYTES];
        int begin = 0;
        for (ByteBuffer tensor : tensors) {
            int count = tensor.remaining() / Float.BYTES;
            tensor.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values, begin, count);
            begin += count;
        }
        return values;
    }

    /**
     * Little-endian copies of the parts.
     *
     * @throws IllegalArgumentException when there are more or fewer values than that
     */
    static List<ByteBuffer> split(float[] values, List<List<Long>> shapes) {
        List<ByteBuffer> parts = new ArrayList<>();
        int begin = 0;
        for (List<Long> shape : shapes) {
            int count = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
            if (count > values.length - begin) {
                break;
            }
            ByteBuffer part = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            part.asFloatBuffer().put(values, begin, count);
            parts.add(part);
            begin += count;
        }
        if (parts.size() < shapes.size() || begin < values.length) {
            throw new IllegalArgumentException("a vector of " + values.length + " elements does not fit tensors of "
                    + shapes.stream()
                            .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
                            .sum());
        }
        return parts;
    }
}
