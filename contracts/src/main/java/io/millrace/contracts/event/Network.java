// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A network by name, enough to rebuild it anywhere.
 *
 * @param name such as {@code resnet18}, or what its author calls it where there is a layout
 * @param stem how the first layer looks at the image
 * @param inputChannels C of its input {@code [N,C,H,W]}
 * @param classes K of its logits {@code [N,K]}
 * @param layout of a network of one's own; null for one that is known by its name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Network(String name, Stem stem, int inputChannels, int classes, ResidualLayout layout)
        implements ReadStrictly {
    /** Classes of a network at the most. */
    public static final int MOST_CLASSES = 1 << 16;

    /** A network that is known by its name. */
    public Network(String name, Stem stem, int inputChannels, int classes) {
        this(name, stem, inputChannels, classes, null);
    }

    /** The first layers of a ResNet. */
    public enum Stem {
        /** 7×7 convolution, stride 2, then 3×3 max-pool, stride 2 (torchvision). */
        @JsonProperty("imagenet")
        IMAGENET,
        /** 3×3 convolution, stride 1, no pooling: for images of about 32 pixels. */
        @JsonProperty("cifar")
        CIFAR
    }
}
