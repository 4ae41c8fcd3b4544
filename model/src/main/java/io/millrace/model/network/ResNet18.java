// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.Network;
import io.millrace.model.network.GraphWriter.Convolution;

/**
 * ResNet-18 with basic blocks, as
 * <a href="https://pytorch.org/vision/stable/models/generated/torchvision.models.resnet18.html">torchvision</a> builds
 * it (<a href="https://arxiv.org/abs/1512.03385">He et al. 2015</a>): names, shapes and initial distributions.
 */
final class ResNet18 {
    private static final int[] WIDTHS = {64, 128, 256, 512};
    private static final int BLOCKS_PER_STAGE = 2;

    private ResNet18() {}

    /** Writes the network; returns the logits {@code [N,K]}. */
    static String describe(Network network, GraphWriter graph, String images) {
        String x = stem(network, graph, images);
        int inputs = WIDTHS[0];
        for (int stage = 0; stage < WIDTHS.length; stage++) {
            for (int block = 0; block < BLOCKS_PER_STAGE; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                x = block(graph, x, "layer" + (stage + 1) + "." + block, inputs, WIDTHS[stage], stride);
                inputs = WIDTHS[stage];
            }
        }
        return graph.linear(graph.globalAverage(x), "fc", inputs, network.classes());
    }

    private static String stem(Network network, GraphWriter graph, String images) {
        int channels = network.inputChannels();
        return switch (network.stem()) {
            case IMAGENET -> {
                Convolution wide = new Convolution("conv1", "bn1", channels, WIDTHS[0], 7, 2, 3);
                yield graph.maxPool(graph.relu(graph.convolution(images, wide)), 3, 2, 1);
            }
            case CIFAR -> {
                Convolution small = new Convolution("conv1", "bn1", channels, WIDTHS[0], 3, 1, 1);
                yield graph.relu(graph.convolution(images, small));
            }
        };
    }

    private static String block(GraphWriter graph, String x, String name, int inputs, int outputs, int stride) {
        String y = graph.convolution(x, new Convolution(name + ".conv1", name + ".bn1", inputs, outputs, 3, stride, 1));
        y = graph.convolution(
                graph.relu(y), new Convolution(name + ".conv2", name + ".bn2", outputs, outputs, 3, 1, 1));
        String shortcut = stride == 1 && inputs == outputs
                ? x
                : graph.convolution(
                        x,
                        new Convolution(name + ".downsample.0", name + ".downsample.1", inputs, outputs, 1, stride, 0));
        return graph.relu(graph.add(y, shortcut));
    }
}
