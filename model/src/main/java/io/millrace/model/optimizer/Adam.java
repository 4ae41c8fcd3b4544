// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import java.util.List;

/**
 * Adam as <a href="https://pytorch.org/docs/stable/generated/torch.optim.Adam.html">torch.optim.Adam</a> defines it, or with
 * the decay taken off the parameters as <a
 * href="https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html">torch.optim.AdamW</a> does.
 *
 * @param beta1 of the mean of gradients, 0 to less than 1
 * @param beta2 of the mean of their squares, 0 to less than 1
 * @param epsilon above 0
 * @param decoupled whether it is AdamW
 */
public record Adam(double beta1, double beta2, double epsilon, boolean decoupled) implements Optimizer {
    private static final String SCALARS = """
                size = float(torch.select(scalars, 0, 0))
                root = float(torch.select(scalars, 0, 1))
                rate = float(torch.select(scalars, 0, 2))
            """;

    private static final String ONE_BY_ONE = """
                factors = %1$s
                decays = %2$s
                for i in range(torch.len(parameters)):
                  parameter = parameters[i]
                  gradient = gradients[i]
                  mean = exp_avg[i]
                  square = exp_avg_sq[i]
            %3$s      _3 = torch.lerp_(mean, gradient, %4$s)
                  _4 = torch.addcmul_(torch.mul_(square, %5$s), gradient, gradient, value=%6$s)
                  _5 = torch.sqrt(square, out=gradient)
                  _6 = torch.add_(torch.div_(gradient, root), %7$s, alpha=1)
                  _7 = torch.addcdiv_(parameter, mean, gradient, value=torch.neg(torch.mul(size, factors[i])))
            """;

    private static final String DECAY = "      _2 = torch.add_(gradient, parameter, alpha=decays[i])\n";
    private static final String DECOUPLED_DECAY =
            "      _2 = torch.mul_(parameter, torch.sub(1., torch.mul(torch.mul(rate, factors[i]), decays[i])))\n";

    private static final String TOGETHER = """
            %1$s    torch._foreach_lerp_(exp_avg, gradients, %2$s)
                torch._foreach_mul_(exp_avg_sq, %3$s)
                torch._foreach_addcmul_(exp_avg_sq, gradients, gradients, value=%4$s)
                divisor = torch._foreach_sqrt(exp_avg_sq)
                torch._foreach_div_(divisor, root)
                torch._foreach_add_(divisor, %5$s)
                quotient = torch._foreach_div(exp_avg, divisor)
            %6$s""";

    @Override
    public List<String> buffers() {
        return List.of("exp_avg", "exp_avg_sq");
    }

    @Override
    public boolean counts() {
        return true;
    }

    /** The rate with its correction, the root of the other correction, and the rate. */
    @Override
    public double[] scalars(double learningRate, long step) {
        return new double[] {
            learningRate / (1 - Math.pow(beta1, step + 1)), Math.sqrt(1 - Math.pow(beta2, step + 1)), learningRate
        };
    }

    @Override
    public String update(List<Settings> settings, Order order) {
        return SCALARS + (order == Order.TOGETHER ? together(settings) : oneByOne(settings));
    }

    private String oneByOne(List<Settings> settings) {
        return Optimizer.text(
                ONE_BY_ONE,
                Optimizer.literal(settings.stream().map(Settings::rateFactor).toList()),
                Optimizer.literal(settings.stream().map(Settings::weightDecay).toList()),
                decoupled ? DECOUPLED_DECAY : DECAY,
                1 - beta1,
                beta2,
                1 - beta2,
                epsilon);
    }

    private String together(List<Settings> settings) {
        String decay = decoupled
                ? Optimizer.addition(
                        "parameters",
                        "torch.neg(rate)",
                        settings,
                        each -> each.rateFactor() * each.weightDecay(),
                        "parameters")
                : Optimizer.addition("gradients", "1", settings, Settings::weightDecay, "parameters");
        return Optimizer.text(
                TOGETHER,
                decay,
                1 - beta1,
                beta2,
                1 - beta2,
                epsilon,
                Optimizer.addition("parameters", "torch.neg(size)", settings, Settings::rateFactor, "quotient"));
    }

    /** With decay in the gradient, the gradient is not zero; divided by its own size, it is not linear either. */
    @Override
    public boolean linear(Settings settings) {
        return decoupled || settings.weightDecay() == 0;
    }

    @Override
    public List<String> zeroWithoutGradient() {
        return buffers();
    }

    @Override
    public double[][] withoutGradient(Settings settings, double[] scalars) {
        double rate = scalars[2] * settings.rateFactor();
        return new double[][] {
            {1 - rate * settings.weightDecay(), 0, 0},
            {0, beta1, 0},
            {0, 0, beta2}
        };
    }
}
