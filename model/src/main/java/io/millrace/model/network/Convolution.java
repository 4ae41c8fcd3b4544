// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import static io.millrace.model.onnx.NodeWriter.list;

import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution with a square kernel {@code [outputs, inputs, k, k]}.
 *
 * @param bias whether it adds a number to each map; those that a BatchNorm follows need none
 */
public record Convolution(String name, int inputs, int outputs, Window window, boolean bias) implements Layer {
    @Override
    public String kind() {
        return "Conv2d";
    }

    /** Kernel, drawn as torchvision does (kaiming normal, fan-out, gain of ReLU), and bias. */
    @Override
    public List<Weight> weights() {
        long kernel = window.kernel();
        double deviation = Math.sqrt(2.0 / ((double) outputs * kernel * kernel));
        List<Weight> weights = new ArrayList<>();
        weights.add(new Weight(
                name + ".weight",
                List.of((long) outputs, (long) inputs, kernel, kernel),
                true,
                new Weight.Initial.Normal(deviation)));
        if (bias) {
            weights.add(new Weight(name + ".bias", List.of((long) outputs), true, new Weight.Initial.Constant(0)));
        }
        return weights;
    }

    @Override
    public Shape output(List<Shape> in) {
        return window.over(in.get(0), outputs);
    }

    @Override
    public Window window(Shape input) {
        return window;
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return output.elements() * inputs * window.kernel() * window.kernel();
    }

    @Override
    public String write(StatementWriter out, List<Operand> in) {
        return out.value(
                "torch.conv2d(%1$s, %2$s, %3$s, [%4$d, %4$d], [%5$d, %5$d], [1, 1], 1)",
                in.get(0).name(),
                out.operand(weights().get(0).attribute()),
                bias ? out.operand(weights().get(1).attribute()) : "None",
                window.stride(),
                window.padding());
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> in) {
        Maps x = out.maps(in.get(0));
        List<String> operands = new ArrayList<>(List.of(x.name()));
        weights().forEach(weight -> operands.add(out.weight(weight.name(), weight.shape())));
        int padding = window.padding();
        String y = out.value(
                "Conv",
                operands,
                list("kernel_shape", window.kernel(), window.kernel()),
                list("strides", window.stride(), window.stride()),
                list("pads", padding, padding, padding, padding));
        return new Maps(y, outputs, window.places(x.height()), window.places(x.width()), false);
    }
}
