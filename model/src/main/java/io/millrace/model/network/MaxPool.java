// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import static io.millrace.model.onnx.NodeWriter.list;

import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.List;

/** The largest number in each place of a window. */
public record MaxPool(Window window) implements Layer {
    @Override
    public String kind() {
        return "MaxPool2d";
    }

    @Override
    public Shape output(List<Shape> inputs) {
        return window.over(inputs.get(0), inputs.get(0).channels());
    }

    @Override
    public Window window(Shape input) {
        return window;
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        return out.value(
                "torch.max_pool2d(%1$s, [%2$d, %2$d], [%3$d, %3$d], [%4$d, %4$d], [1, 1], False)",
                inputs.get(0).name(), window.kernel(), window.stride(), window.padding());
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        Maps x = out.maps(inputs.get(0));
        int padding = window.padding();
        String y = out.value(
                "MaxPool",
                List.of(x.name()),
                list("kernel_shape", window.kernel(), window.kernel()),
                list("strides", window.stride(), window.stride()),
                list("pads", padding, padding, padding, padding));
        return new Maps(y, x.channels(), window.places(x.height()), window.places(x.width()), false);
    }
}
