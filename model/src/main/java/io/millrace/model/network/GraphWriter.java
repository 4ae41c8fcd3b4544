// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The vocabulary that networks are described in. A value is the name of a TorchScript variable; each call writes the
 * statement that makes it and notes the weights that it needs.
 */
abstract class GraphWriter {
    private static final String INDENT = "    ";

    private final StringBuilder statements = new StringBuilder();
    private final List<Weight> weights = new ArrayList<>();
    private int values;

    /** A convolution without bias, and the BatchNorm behind it. */
    abstract String convolution(String input, Convolution convolution);

    /** A convolution and the names of its parts. */
    record Convolution(String name, String norm, int inputs, int outputs, int kernel, int stride, int padding) {
        List<Long> shape() {
            return List.of((long) outputs, (long) inputs, (long) kernel, (long) kernel);
        }
    }

    final String relu(String input) {
        return value("torch.relu_(%s)", input);
    }

    final String add(String left, String right) {
        return value("torch.add_(%s, %s, alpha=1)", left, right);
    }

    final String maxPool(String input, int kernel, int stride, int padding) {
        return value(
                "torch.max_pool2d(%1$s, [%2$d, %2$d], [%3$d, %3$d], [%4$d, %4$d], [1, 1], False)",
                input, kernel, stride, padding);
    }

    /** {@code [N,C,H,W]} to {@code [N,C]}. */
    final String globalAverage(String input) {
        return value("torch.flatten(torch.adaptive_avg_pool2d(%s, [1, 1]), 1, -1)", input);
    }

    /** A fully connected layer with bias, in float32 whatever came before. */
    final String linear(String input, String name, int inputs, int outputs) {
        Weight.Initial initial = new Weight.Initial.Uniform(1 / Math.sqrt(inputs));
        Weight weight = weight(name + ".weight", List.of((long) outputs, (long) inputs), true, initial);
        Weight bias = weight(name + ".bias", List.of((long) outputs), true, initial);
        return value("torch.linear(torch.to(%s, 6), self.%s, self.%s)", input, weight.attribute(), bias.attribute());
    }

    final Weight weight(String name, List<Long> shape, boolean trainable, Weight.Initial initial) {
        Weight weight = new Weight(name, shape, trainable, initial);
        weights.add(weight);
        return weight;
    }

    final String value(String expression, Object... arguments) {
        String name = "v" + values++;
        statements
                .append(INDENT)
                .append(name)
                .append(" = ")
                .append(String.format(Locale.ROOT, expression, arguments))
                .append('\n');
        return name;
    }

    final String statements() {
        return statements.toString();
    }

    final List<Weight> weights() {
        return List.copyOf(weights);
    }
}
