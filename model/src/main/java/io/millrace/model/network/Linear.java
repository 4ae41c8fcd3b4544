// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import static io.millrace.model.onnx.NodeWriter.integer;

import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.ArrayList;
import java.util.List;

/** A fully connected layer over vectors, in float32 whatever came before. */
public record Linear(String name, int inputs, int outputs, boolean bias) implements Layer {
    @Override
    public String kind() {
        return "Linear";
    }

    /** Drawn as torch does: uniform, up to one over the root of the inputs. */
    @Override
    public List<Weight> weights() {
        Weight.Initial initial = new Weight.Initial.Uniform(1 / Math.sqrt(inputs));
        List<Weight> weights = new ArrayList<>();
        weights.add(new Weight(name + ".weight", List.of((long) outputs, (long) inputs), true, initial));
        if (bias) {
            weights.add(new Weight(name + ".bias", List.of((long) outputs), true, initial));
        }
        return weights;
    }

    @Override
    public Shape output(List<Shape> in) {
        return Shape.vector(outputs);
    }

    @Override
    public long multiplyAdds(Shape input, Shape output) {
        return (long) inputs * outputs;
    }

    @Override
    public String write(StatementWriter out, List<Operand> in) {
        return out.value(
                "torch.linear(torch.to(%s, 6), self.%s, %s)",
                in.get(0).name(),
                weights().get(0).attribute(),
                bias ? "self." + weights().get(1).attribute() : "None");
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> in) {
        List<String> operands = new ArrayList<>(List.of(out.rows(in.get(0)).name()));
        weights().forEach(weight -> operands.add(out.weight(weight.name(), weight.shape())));
        return new Maps(out.value("Gemm", operands, integer("transB", 1)), outputs, 1, 1, true);
    }
}
