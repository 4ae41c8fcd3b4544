// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import io.millrace.contracts.safetensors.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Another optimizer, and beside its parameters their exponential moving average, as torch's {@code get_ema_multi_avg_fn}
 * has it: after the first update the parameters themselves, after each further one {@code decay} of what it was.
 *
 * @param decay 0 to less than 1
 */
public record Averaged(Optimizer optimizer, double decay) implements Optimizer {
    /** Name of the buffer. */
    public static final String AVERAGE = "average";

    private static final String PREFIX = AVERAGE + ".";

    private static final String ONE_BY_ONE = """
                share = float(torch.select(scalars, 0, %d))
                for j in range(torch.len(parameters)):
                  _8 = torch.lerp_(average[j], parameters[j], share)
            """;

    private static final String TOGETHER = """
                torch._foreach_lerp_(average, parameters, float(torch.select(scalars, 0, %d)))
            """;

    /**
     * Weights with their average in the place of the parameters. BatchNorm's statistics stay those of the network that
     * is trained, as in torch's {@code AveragedModel(use_buffers=False)}.
     *
     * @param weights of a network, in any order
     * @param state of its optimizer at the same step, as a learner gives it
     * @return in the order of the weights; empty where no average is kept, or there was no update yet
     */
    public static Optional<List<Tensor>> weights(List<Tensor> weights, List<Tensor> state) {
        Map<String, Tensor> average = state.stream()
                .filter(tensor -> tensor.name().startsWith(PREFIX))
                .collect(Collectors.toMap(tensor -> tensor.name().substring(PREFIX.length()), tensor -> tensor));
        boolean begun = state.stream()
                .anyMatch(tensor -> tensor.name().equals(STEP) && tensor.data().getLong() > 0);
        return average.isEmpty() || !begun
                ? Optional.empty()
                : Optional.of(weights.stream()
                        .map(weight -> Optional.ofNullable(average.get(weight.name()))
                                .map(mean -> new Tensor(weight.name(), mean.dtype(), mean.shape(), mean.data()))
                                .orElse(weight))
                        .toList());
    }

    @Override
    public List<String> buffers() {
        return Stream.concat(optimizer.buffers().stream(), Stream.of(AVERAGE)).toList();
    }

    @Override
    public boolean counts() {
        return true;
    }

    /** Those of the other, and the share of the new parameters. */
    @Override
    public double[] scalars(double learningRate, long step) {
        double[] others = optimizer.scalars(learningRate, step);
        double[] scalars = Arrays.copyOf(others, others.length + 1);
        scalars[others.length] = step == 0 ? 1 : 1 - decay;
        return scalars;
    }

    @Override
    public String update(List<Settings> settings, Order order) {
        int index = optimizer.scalars(1, 0).length;
        return optimizer.update(settings, order)
                + Optimizer.text(order == Order.TOGETHER ? TOGETHER : ONE_BY_ONE, index);
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
        double share = scalars[scalars.length - 1];
        double[][] others = optimizer.withoutGradient(settings, scalars);
        int size = others.length + 1;
        double[][] matrix = new double[size][];
        for (int k = 0; k < others.length; k++) {
            matrix[k] = Arrays.copyOf(others[k], size);
        }
        double[] average = new double[size];
        for (int k = 0; k < others.length; k++) {
            average[k] = share * others[0][k];
        }
        average[size - 1] = 1 - share;
        matrix[size - 1] = average;
        return matrix;
    }
}
