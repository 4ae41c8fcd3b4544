// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;

/**
 * Residual networks (<a href="https://arxiv.org/abs/1512.03385">He et al. 2015</a>) as
 * <a href="https://pytorch.org/vision/stable/models/resnet.html">torchvision</a> builds them: names, shapes and initial
 * distributions.
 */
record ResNet(ResidualLayout layout, Network.Stem stem, int classes) {
    private static final int EXPANSION = 4;

    /** From the image to the logits {@code [N,K]}. */
    Value logits(Value image) {
        Value x = stem(image);
        for (int stage = 0; stage < layout.depths().size(); stage++) {
            for (int block = 0; block < layout.depths().get(stage); block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                String name = "layer" + (stage + 1) + "." + block + ".";
                int width = layout.widths().get(stage);
                x = layout.block() == Block.BASIC ? basic(x, name, width, stride) : bottleneck(x, name, width, stride);
            }
        }
        return x.globalPool(layout.pool()).linear("fc", classes, true).times(layout.scale());
    }

    private Value stem(Value image) {
        return switch (stem) {
            case IMAGENET ->
                image.convolution("conv1", layout.stemWidth(), 7, 2)
                        .norm("bn1")
                        .relu()
                        .maxPool(3, 2, 1);
            case CIFAR ->
                image.convolution("conv1", layout.stemWidth(), 3, 1).norm("bn1").relu();
        };
    }

    private static Value basic(Value x, String name, int width, int stride) {
        Value y = x.convolution(name + "conv1", width, 3, stride)
                .norm(name + "bn1")
                .relu();
        y = y.convolution(name + "conv2", width, 3, 1).norm(name + "bn2");
        return y.plus(shortcut(x, name, width, stride)).relu();
    }

    private static Value bottleneck(Value x, String name, int width, int stride) {
        Value y = x.convolution(name + "conv1", width, 1, 1).norm(name + "bn1").relu();
        y = y.convolution(name + "conv2", width, 3, stride).norm(name + "bn2").relu();
        y = y.convolution(name + "conv3", EXPANSION * width, 1, 1).norm(name + "bn3");
        return y.plus(shortcut(x, name, EXPANSION * width, stride)).relu();
    }

    private static Value shortcut(Value x, String name, int outputs, int stride) {
        return stride == 1 && x.channels() == outputs
                ? x
                : x.convolution(name + "downsample.0", outputs, 1, stride).norm(name + "downsample.1");
    }
}
