// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.List;

/** The sum of two values of one shape: where a shortcut ends. */
public record Add() implements Layer {
    @Override
    public String kind() {
        return "Add";
    }

    @Override
    public Shape output(List<Shape> inputs) {
        if (!inputs.get(0).equals(inputs.get(1))) {
            throw new IllegalArgumentException(
                    "a shortcut of " + inputs.get(1) + " does not fit onto " + inputs.get(0));
        }
        return inputs.get(0);
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        int into = inputs.get(0).overwritable() || !inputs.get(1).overwritable() ? 0 : 1;
        Operand left = inputs.get(into);
        return out.value(
                "torch.add%s(%s, %s, alpha=1)",
                left.inPlace(), left.name(), inputs.get(1 - into).name());
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        Maps left = inputs.get(0);
        Maps right = inputs.get(1);
        // Where they lie differently, rows are the better bargain: these are the small maps.
        return left.flat() == right.flat()
                ? out.each("Add", left, right.name())
                : out.each("Add", out.rows(left), out.rows(right).name());
    }
}
