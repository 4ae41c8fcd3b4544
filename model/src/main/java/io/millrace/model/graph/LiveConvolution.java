// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import static io.millrace.model.onnx.NodeWriter.list;

import io.millrace.model.network.Convolution;
import io.millrace.model.network.Held;
import io.millrace.model.network.Shape;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.ArrayList;
import java.util.List;

/** A convolution of which the device holds the live taps only. */
record LiveConvolution(Convolution of, Reach rows, Reach columns) implements ConvolutionForm {
    @Override
    public List<Held> held() {
        int kernel = of.window().kernel();
        List<Integer> sizes = List.of(of.outputs(), of.inputs(), rows.taps(), columns.taps());
        List<Held> held = new ArrayList<>(of.held());
        held.set(
                0,
                new Held(
                        of.weights().get(0),
                        sizes.stream().map(Integer::longValue).toList(),
                        rows.first() * kernel + columns.first(),
                        sizes,
                        List.of(of.inputs() * kernel * kernel, kernel * kernel, kernel, 1)));
        return held;
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return output.elements() * of.inputs() * rows.taps() * columns.taps();
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        String x = inputs.get(0).name();
        boolean symmetric = rows.symmetric() && columns.symmetric();
        if (!symmetric) {
            x = out.value(
                    "torch.constant_pad_nd(%s, [%d, %d, %d, %d], 0)",
                    x, columns.before(), columns.after(), rows.before(), rows.after());
        }
        return out.value(
                "torch.conv2d(%1$s, %2$s, %3$s, [%4$d, %4$d], [%5$d, %6$d], [1, 1], 1)",
                x,
                out.operand(of.weights().get(0).attribute()),
                of.bias() ? out.operand(of.weights().get(1).attribute()) : "None",
                of.window().stride(),
                symmetric ? rows.before() : 0,
                symmetric ? columns.before() : 0);
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        Maps x = out.maps(inputs.get(0));
        Held kernel = held().get(0);
        List<String> operands = new ArrayList<>(List.of(x.name()));
        operands.add(out.tensor(
                kernel.weight().name(),
                kernel.shape(),
                kernel.taken(out.weight(kernel.weight().name()))));
        if (of.bias()) {
            operands.add(
                    out.weight(of.weights().get(1).name(), of.weights().get(1).shape()));
        }
        String y = out.value(
                "Conv",
                operands,
                list("kernel_shape", rows.taps(), columns.taps()),
                list("strides", of.window().stride(), of.window().stride()),
                // Pixels after the last place are fewer than a stride, and make no further place.
                list("pads", rows.before(), columns.before(), Math.max(0, rows.after()), Math.max(0, columns.after())));
        return new Maps(y, of.outputs(), rows.places(), columns.places(), false);
    }
}
