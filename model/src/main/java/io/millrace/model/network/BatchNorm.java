// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import static io.millrace.model.onnx.NodeWriter.decimal;

import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.ArrayList;
import java.util.List;

/**
 * BatchNorm with running statistics, float32 whatever the maps are in.
 *
 * @param frozen whether it normalizes with its running statistics in training, too, and leaves them as they are
 */
public record BatchNorm(String name, int channels, boolean frozen) implements Layer {
    /** torch's default. */
    public static final double EPSILON = 1e-5;

    public BatchNorm(String name, int channels) {
        this(name, channels, false);
    }

    @Override
    public String kind() {
        return "BatchNorm2d";
    }

    @Override
    public List<Weight> weights() {
        return List.of(
                vector(".weight", true, 1),
                vector(".bias", true, 0),
                vector(".running_mean", false, 0),
                vector(".running_var", false, 1));
    }

    private Weight vector(String suffix, boolean trainable, float value) {
        return new Weight(name + suffix, List.of((long) channels), trainable, new Weight.Initial.Constant(value));
    }

    @Override
    public Shape output(List<Shape> inputs) {
        return inputs.get(0);
    }

    @Override
    public String write(StatementWriter out, List<Operand> inputs) {
        List<Weight> weights = weights();
        return out.value(
                "torch.batch_norm(%s, self.%s, self.%s, self.%s, self.%s, %s, 0.1, 1e-05, True)",
                inputs.get(0).name(),
                weights.get(0).attribute(),
                weights.get(1).attribute(),
                weights.get(2).attribute(),
                weights.get(3).attribute(),
                frozen ? "False" : "self.training");
    }

    @Override
    public Maps write(NodeWriter out, List<Maps> inputs) {
        Maps x = out.maps(inputs.get(0));
        List<String> operands = new ArrayList<>(List.of(x.name()));
        weights().forEach(weight -> operands.add(out.weight(weight.name(), weight.shape())));
        return x.as(out.value("BatchNormalization", operands, decimal("epsilon", EPSILON)), x.flat());
    }
}
