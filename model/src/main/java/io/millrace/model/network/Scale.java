// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.List;

/** A value times a constant. */
public record Scale(double factor) implements Layer {
    @Override
    public String kind() {
        return "Scale";
    }

    @Override
    public Shape output(List<Shape> inputs) {
        return inputs.get(0);
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        return out.value("torch.mul(%s, %s)", inputs.get(0).name(), factor);
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        return out.each("Mul", inputs.get(0), out.number(factor));
    }
}
