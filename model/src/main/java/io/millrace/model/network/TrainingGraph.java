// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import java.util.List;

/** Convolutions in bf16 or fp32, BatchNorm with running statistics. */
final class TrainingGraph extends GraphWriter {
    private final boolean bf16;

    TrainingGraph(boolean bf16) {
        this.bf16 = bf16;
    }

    @Override
    String convolution(String input, Convolution convolution) {
        // torchvision: kaiming normal, fan-out, gain of ReLU
        double fanOut = (double) convolution.outputs() * convolution.kernel() * convolution.kernel();
        Weight weight = weight(
                convolution.name() + ".weight",
                convolution.shape(),
                true,
                new Weight.Initial.Normal(Math.sqrt(2 / fanOut)));
        String kernel = bf16 ? "torch.to(self." + weight.attribute() + ", 15)" : "self." + weight.attribute();
        String y = value(
                "torch.conv2d(%1$s, %2$s, None, [%3$d, %3$d], [%4$d, %4$d], [1, 1], 1)",
                input, kernel, convolution.stride(), convolution.padding());
        return norm(y, convolution.norm(), convolution.outputs());
    }

    private String norm(String input, String name, int channels) {
        List<Long> shape = List.of((long) channels);
        Weight gamma = weight(name + ".weight", shape, true, new Weight.Initial.Constant(1));
        Weight beta = weight(name + ".bias", shape, true, new Weight.Initial.Constant(0));
        Weight mean = weight(name + ".running_mean", shape, false, new Weight.Initial.Constant(0));
        Weight variance = weight(name + ".running_var", shape, false, new Weight.Initial.Constant(1));
        return value(
                "torch.batch_norm(%s, self.%s, self.%s, self.%s, self.%s, self.training, 0.1, %s, True)",
                input,
                gamma.attribute(),
                beta.attribute(),
                mean.attribute(),
                variance.attribute(),
                BatchNormFolding.EPSILON);
    }
}
