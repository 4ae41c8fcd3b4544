// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * How gradients change parameters. The update stands in the graph; what changes from step to step is a vector on the
 * host, so that nothing waits for a device.
 */
public interface Optimizer {
    /** How an update goes through the parameters. */
    enum Order {
        /** All operations on one, then on the next: on a processor, what one has touched is in the cache for the next. */
        ONE_BY_ONE,
        /** Each operation on all of them: on a GPU, to start one takes longer than most of them run. */
        TOGETHER;

        /** What suits a kind of device, as {@code Compute} has it. */
        public static Order on(String device) {
            return device.equals("cpu") ? ONE_BY_ONE : TOGETHER;
        }
    }

    /** Name of the number of updates in the state of one that {@link #counts}. */
    String STEP = "step";

    /** Names of the lists of the update: one buffer beside each parameter, zero at first. */
    List<String> buffers();

    /**
     * The scalars of a step.
     *
     * @param learningRate before the factors of groups
     * @param step updates before this one
     */
    double[] scalars(double learningRate, long step);

    /** Whether {@link #scalars} depend on the number of updates, so that it belongs to the state. */
    default boolean counts() {
        return false;
    }

    /**
     * Statements, indented by four blanks, that change the lists {@code parameters} and {@link #buffers()} in place, given
     * the list {@code gradients}, which they may overwrite, and the float64 vector {@code scalars} on the host.
     *
     * @param settings of each parameter, none of them frozen
     */
    String update(List<Settings> settings, Order order);

    /** Whether {@link #withoutGradient} is all there is to say about parameters whose gradient is always zero. */
    default boolean linear(Settings settings) {
        return true;
    }

    /**
     * What a step makes of a parameter and its buffers where the gradient is always zero: row and column 0 are the
     * parameter, the others the buffers in their order.
     *
     * @param scalars of the step
     */
    double[][] withoutGradient(Settings settings, double[] scalars);

    /** Buffers that have to be zero for {@link #withoutGradient} to hold; zero they stay. */
    default List<String> zeroWithoutGradient() {
        return List.of();
    }

    /** A list of numbers as TorchScript has it. */
    static String literal(List<Double> values) {
        StringBuilder list = new StringBuilder("[");
        values.forEach(value -> list.append(value).append(", "));
        return list.append(']').toString().replace(", ]", "]");
    }

    /**
     * A statement that adds one list of tensors to another, each times a factor and a number of its own. A list of some of
     * them that is built in the graph would not do: TorchScript loses what is written to it.
     *
     * @param factor an expression
     */
    static String addition(
            String to, String factor, List<Settings> settings, ToDoubleFunction<Settings> own, String what) {
        List<Double> numbers =
                settings.stream().map(each -> own.applyAsDouble(each)).toList();
        boolean alike = numbers.stream().distinct().count() == 1;
        return alike
                ? text("    torch._foreach_add_(%s, %s, alpha=torch.mul(%s, %s))\n", to, what, factor, numbers.get(0))
                : text(
                        "    torch._foreach_add_(%s, torch._foreach_mul(%s, annotate(List[number], %s)), alpha=%s)\n",
                        to, what, literal(numbers), factor);
    }

    /** Some locales have digits that TorchScript does not read. */
    static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
