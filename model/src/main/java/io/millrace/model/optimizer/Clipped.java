// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import java.util.List;

/**
 * Another optimizer on gradients whose norm over all parameters is at most so large, as <a
 * href="https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html">torch.nn.utils.clip_grad_norm_</a>
 * scales them.
 *
 * @param norm the largest, above 0
 */
public record Clipped(Optimizer optimizer, double norm) implements Optimizer {
    private static final String CLIP = """
                norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(gradients, 2), 0))
                torch._foreach_mul_(gradients, torch.clamp(torch.mul(torch.reciprocal(torch.add(norm, 1e-06)), %s), None, 1.))
            """;

    @Override
    public List<String> buffers() {
        return optimizer.buffers();
    }

    @Override
    public boolean counts() {
        return optimizer.counts();
    }

    @Override
    public double[] scalars(double learningRate, long step) {
        return optimizer.scalars(learningRate, step);
    }

    @Override
    public String update(List<Settings> settings, Order order) {
        return Optimizer.text(CLIP, norm) + optimizer.update(settings, order);
    }

    @Override
    public boolean linear(Settings settings) {
        return optimizer.linear(settings);
    }

    @Override
    public List<String> zeroWithoutGradient() {
        return optimizer.zeroWithoutGradient();
    }

    @Override
    public double[][] withoutGradient(Settings settings, double[] scalars) {
        return optimizer.withoutGradient(settings, scalars);
    }
}
