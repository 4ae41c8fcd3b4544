// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.script;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * An attribute of the module that is a float32 tensor.
 *
 * @param attribute its name, a Python identifier
 * @param shape sizes, outermost first
 * @param trainable whether it is a parameter (and requires a gradient) or a buffer
 * @param channelsLast whether a 4-dimensional tensor lies in memory as NHWC
 * @param values little-endian, row-major whatever the memory layout
 */
public record ModuleTensor(
        String attribute, List<Long> shape, boolean trainable, boolean channelsLast, ByteBuffer values) {
    public ModuleTensor {
        shape = List.copyOf(shape);
        channelsLast = channelsLast && shape.size() == 4;
    }

    long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** Distance in elements between neighbours, per dimension. */
    long[] strides() {
        long[] strides = new long[shape.size()];
        if (channelsLast) {
            strides[1] = 1;
            strides[3] = shape.get(1);
            strides[2] = strides[3] * shape.get(3);
            strides[0] = strides[2] * shape.get(2);
            return strides;
        }
        long stride = 1;
        for (int k = strides.length - 1; k >= 0; k--) {
            strides[k] = stride;
            stride *= shape.get(k);
        }
        return strides;
    }
}
