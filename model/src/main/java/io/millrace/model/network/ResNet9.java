// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Order;

/**
 * Networks whose stages halve the map with a pool, after David Page's for DAWNBench (<a
 * href="https://github.com/davidcpage/cifar10-fast">cifar10-fast</a>): its names, joined by dots.
 */
record ResNet9(ResidualLayout layout, Network.Stem stem, int classes) {
    /** From the image to the logits {@code [N,K]}. */
    Value logits(Value image) {
        Value x = stem == Network.Stem.CIFAR
                ? convolution(image, "prep", layout.stemWidth(), 3, 1, false)
                : convolution(image, "prep", layout.stemWidth(), 7, 2, true);
        for (int stage = 0; stage < layout.depths().size(); stage++) {
            String name = "layer" + (stage + 1);
            x = convolution(x, name, layout.widths().get(stage), 3, 1, true);
            for (int pair = 0; pair < layout.depths().get(stage); pair++) {
                x = residual(x, name + ".residual" + (pair == 0 ? "" : pair));
            }
        }
        return x.globalPool(layout.pool()).linear("linear", classes, false).times(layout.scale());
    }

    private Value residual(Value x, String name) {
        Value y = convolution(x, name + ".res1", x.channels(), 3, 1, false);
        return convolution(y, name + ".res2", x.channels(), 3, 1, false).plus(x);
    }

    private Value convolution(Value x, String name, int outputs, int kernel, int stride, boolean pool) {
        Value y = x.convolution(name + ".conv", outputs, kernel, stride);
        if (layout.order() == Order.NORM_RELU_POOL) {
            y = y.norm(name + ".bn").relu();
            return pool ? y.maxPool(2, 2, 0) : y;
        }
        return (pool ? y.maxPool(2, 2, 0) : y).relu().norm(name + ".bn");
    }
}
