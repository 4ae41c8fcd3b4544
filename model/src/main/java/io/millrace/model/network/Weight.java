// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import java.util.List;

/**
 * A float32 tensor of a network: a parameter or a BatchNorm statistic.
 *
 * @param name torchvision's, such as {@code layer1.0.conv1.weight}
 * @param shape sizes, outermost first
 * @param trainable false for running statistics
 * @param initial its values in a fresh network
 */
public record Weight(String name, List<Long> shape, boolean trainable, Initial initial) {
    public Weight {
        shape = List.copyOf(shape);
    }

    /** Number of elements. */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** The name as a Python identifier. Names hold no double underscore, so it can be reversed. */
    public String attribute() {
        return name.replace(".", "__");
    }

    /** How fresh values are drawn. */
    public sealed interface Initial {
        /** All the same. */
        record Constant(float value) implements Initial {}

        /** Normal with mean 0. */
        record Normal(double deviation) implements Initial {}

        /** Uniform between -bound and bound. */
        record Uniform(double bound) implements Initial {}
    }
}
