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
    /**
     * Parameter by parameter, in place: on a processor the update waits for memory, and what one operation has read or
     * written is still in the cache for the next.
     */
    private static final String UPDATE = """
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

    @Override
    public List<String> buffers() {
        return List.of("momentum");
    }

    @Override
    public double[] scalars(double learningRate, long step) {
        return new double[] {learningRate};
    }

    @Override
    public String update(List<Settings> settings) {
        return Optimizer.text(
                UPDATE,
                Optimizer.literal(settings.stream().map(Settings::rateFactor).toList()),
                Optimizer.literal(settings.stream().map(Settings::weightDecay).toList()),
                momentum,
                nesterov ? Optimizer.text(LOOK_AHEAD, momentum) : "",
                nesterov ? "gradient" : "buffer");
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
