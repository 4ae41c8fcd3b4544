// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import java.util.List;

/**
 * Stochastic gradient descent as <a href="https://pytorch.org/docs/stable/generated/torch.optim.SGD.html">torch.optim.SGD</a>
 * defines it (dampening 0); its first step, which copies the gradient into the buffer, is the same as adding it to zeros.
 *
 * @param momentum 0 to less than 1
 * @param nesterov whether the look-ahead form is used
 */
public record Sgd(double momentum, boolean nesterov) implements Optimizer {
    private static final String ONE_BY_ONE = """
                rate = float(torch.select(scalars, 0, 0))
                factors = %1$s
                decays = %2$s
                for i in range(torch.len(parameters)):
                  parameter = parameters[i]
                  gradient = gradients[i]
                  buffer = momentum[i]
                  _2 = torch.add_(gradient, parameter, alpha=decays[i])
                  _3 = torch.add(gradient, buffer, alpha=%3$s, out=buffer)
            %4$s      _5 = torch.add_(parameter, %5$s, alpha=torch.neg(torch.mul(rate, factors[i])))
            """;

    private static final String LOOK_AHEAD = "      _4 = torch.add_(gradient, buffer, alpha=%s)\n";

    private static final String TOGETHER = """
                rate = float(torch.select(scalars, 0, 0))
            %1$s    torch._foreach_mul_(momentum, %2$s)
                torch._foreach_add_(momentum, gradients, alpha=1)
            %3$s%4$s""";

    private static final String LOOK_AHEAD_TOGETHER = "    torch._foreach_add_(gradients, momentum, alpha=%s)\n";

    @Override
    public List<String> buffers() {
        return List.of("momentum");
    }

    @Override
    public double[] scalars(double learningRate, long step) {
        return new double[] {learningRate};
    }

    @Override
    public String update(List<Settings> settings, Order order) {
        if (order == Order.TOGETHER) {
            return together(settings);
        }
        return Optimizer.text(
                ONE_BY_ONE,
                Optimizer.literal(settings.stream().map(Settings::rateFactor).toList()),
                Optimizer.literal(settings.stream().map(Settings::weightDecay).toList()),
                momentum,
                nesterov ? Optimizer.text(LOOK_AHEAD, momentum) : "",
                nesterov ? "gradient" : "buffer");
    }

    private String together(List<Settings> settings) {
        return Optimizer.text(
                TOGETHER,
                Optimizer.addition("gradients", "1", settings, Settings::weightDecay, "parameters"),
                momentum,
                nesterov ? Optimizer.text(LOOK_AHEAD_TOGETHER, momentum) : "",
                Optimizer.addition(
                        "parameters",
                        "torch.neg(rate)",
                        settings,
                        Settings::rateFactor,
                        nesterov ? "gradients" : "momentum"));
    }

    @Override
    public double[][] withoutGradient(Settings settings, double[] scalars) {
        double rate = scalars[0] * settings.rateFactor();
        double decay = settings.weightDecay();
        double ahead = nesterov ? decay + momentum * decay : decay;
        double carried = nesterov ? momentum * momentum : momentum;
        return new double[][] {
            {1 - rate * ahead, -rate * carried},
            {decay, momentum}
        };
    }
}
