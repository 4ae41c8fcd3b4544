// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The layers of a network and where each has its inputs from, whatever the size of the images.
 *
 * @param channels of an image
 * @param steps in an order in which they can be computed; the last one gives the logits
 */
public record Description(int channels, List<Step> steps) {
    /** Input that stands for the image. */
    public static final int IMAGE = -1;

    public Description {
        steps = List.copyOf(steps);
    }

    /**
     * A layer in its place.
     *
     * @param inputs indices of earlier steps, or {@link #IMAGE}
     */
    public record Step(Layer layer, List<Integer> inputs) {
        public Step {
            inputs = List.copyOf(inputs);
        }
    }

    /** What becomes of an image of so many channels. */
    public static Description of(int channels, UnaryOperator<Value> layers) {
        List<Step> steps = new ArrayList<>();
        layers.apply(new Value(steps, IMAGE, channels));
        return new Description(channels, steps);
    }

    /** All weights as they lie in a file, in torchvision's order. */
    public List<Weight> weights() {
        return steps.stream().flatMap(step -> step.layer().weights().stream()).toList();
    }
}
