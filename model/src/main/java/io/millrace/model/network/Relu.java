// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.List;

/** {@code max(x, 0)}. */
public record Relu() implements Layer {
    @Override
    public String kind() {
        return "ReLU";
    }

    @Override
    public Shape output(List<Shape> inputs) {
        return inputs.get(0);
    }

    @Override
    public boolean keepsOutput() {
        return true;
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        return out.value(
                "torch.relu%s(%s)", inputs.get(0).inPlace(), inputs.get(0).name());
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        return out.each("Relu", inputs.get(0));
    }
}
