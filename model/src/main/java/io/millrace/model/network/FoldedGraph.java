// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import java.util.ArrayList;
import java.util.List;

/** Convolutions with a bias that holds their BatchNorm: for serving only. */
final class FoldedGraph extends GraphWriter {
    private final List<Convolution> convolutions = new ArrayList<>();

    @Override
    String convolution(String input, Convolution convolution) {
        convolutions.add(convolution);
        Weight.Initial none = new Weight.Initial.Constant(0);
        Weight weight = weight(convolution.name() + ".weight", convolution.shape(), false, none);
        Weight bias = weight(convolution.name() + ".bias", List.of((long) convolution.outputs()), false, none);
        return value(
                "torch.conv2d(%1$s, self.%2$s, self.%3$s, [%4$d, %4$d], [%5$d, %5$d], [1, 1], 1)",
                input, weight.attribute(), bias.attribute(), convolution.stride(), convolution.padding());
    }

    List<Convolution> convolutions() {
        return List.copyOf(convolutions);
    }
}
