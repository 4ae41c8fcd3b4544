// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.ResidualLayout.Pool;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.List;

/** Each map as one number: its mean or its largest, {@code [N,C,H,W]} to {@code [N,C]}. */
public record GlobalPool(Pool pool) implements Layer {
    @Override
    public String kind() {
        return pool == Pool.MAX ? "GlobalMaxPool2d" : "GlobalAvgPool2d";
    }

    @Override
    public Shape output(List<Shape> inputs) {
        return Shape.vector(inputs.get(0).channels());
    }

    @Override
    public Window window(Shape input) {
        int side = Math.max(input.height(), input.width());
        return new Window(side, side, 0);
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        String x = inputs.get(0).name();
        if (pool == Pool.AVERAGE) {
            return out.value("torch.mean(%s, [2, 3], False)", x);
        }
        String values = out.value("torch.adaptive_max_pool2d(%s, [1, 1])", x);
        return out.value("torch.flatten((%s)[0], 1, -1)", values);
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        if (inputs.get(0).onePixel()) {
            return inputs.get(0);
        }
        Maps x = out.maps(inputs.get(0));
        String operator = pool == Pool.MAX ? "GlobalMaxPool" : "GlobalAveragePool";
        return new Maps(out.value(operator, List.of(x.name())), x.channels(), 1, 1, false);
    }
}
