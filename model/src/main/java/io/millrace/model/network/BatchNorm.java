// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.List;

/** BatchNorm with running statistics, float32 whatever the maps are in. */
public record BatchNorm(String name, int channels) implements Layer {
    /** torch's default. */
    public static final double EPSILON = 1e-5;

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
                "torch.batch_norm(%s, self.%s, self.%s, self.%s, self.%s, self.training, 0.1, 1e-05, True)",
                inputs.get(0).name(),
                weights.get(0).attribute(),
                weights.get(1).attribute(),
                weights.get(2).attribute(),
                weights.get(3).attribute());
    }
}
