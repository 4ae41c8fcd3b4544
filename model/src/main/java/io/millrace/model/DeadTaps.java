// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Held;
import io.millrace.model.optimizer.Optimizer;
import io.millrace.model.optimizer.Settings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The elements of parameters that the device does without: their gradient is zero, so a step takes a parameter and its
 * buffers to a linear combination of them, the same for all elements of a weight. What is kept is where they stood at first
 * and the product of the steps' matrices, in double precision; both go into the optimizer's state, so that it does not
 * matter to a bit how often they were written down in between. Not thread-safe.
 */
final class DeadTaps {
    /** Names of what stands in the optimizer's state begin with it. */
    static final String PREFIX = "dead.";

    private static final String TRANSITION = PREFIX + "transition";

    private final List<String> registers = new ArrayList<>();
    private final List<Held> partial;
    /** By register and weight; null stands for zeros. */
    private final float[][][] first;

    private final Optimizer optimizer;
    private final List<Settings> settings;

    /** By weight. */
    private double[][][] transitions;

    /**
     * @param partial parameters, and what holds for each of them
     * @param weights whole parameters, those of {@code partial} among them
     * @param state of the optimizer: whole buffers, and what {@link #state()} gave. Where that is missing or belongs to
     *     other values than these, they go on from here
     * @throws IllegalArgumentException when the state belongs to parameters that had a gradient, and the optimizer is one
     *     that cannot do without from there
     */
    DeadTaps(
            List<Held> partial,
            List<Settings> settings,
            Optimizer optimizer,
            Map<String, Tensor> weights,
            Map<String, Tensor> state) {
        this.partial = partial;
        this.settings = settings;
        this.optimizer = optimizer;
        registers.add("weight");
        registers.addAll(optimizer.buffers());
        first = new float[registers.size()][partial.size()][];
        float[][][] here = new float[registers.size()][partial.size()][];
        for (int r = 0; r < here.length; r++) {
            for (int k = 0; k < partial.size(); k++) {
                String name = partial.get(k).weight().name();
                Tensor whole = r == 0 ? weights.get(name) : state.get(registers.get(r) + "." + name);
                here[r][k] = whole == null ? null : left(partial.get(k), whole.data());
                if (here[r][k] != null && optimizer.zeroWithoutGradient().contains(registers.get(r))) {
                    throw new IllegalArgumentException(
                            "the optimizer state \"" + registers.get(r) + "." + name
                                    + "\" belongs to larger images: here, a part of it never has a gradient and should be zero");
                }
            }
        }
        if (!resume(state, here)) {
            transitions = new double[partial.size()][][];
            Arrays.setAll(transitions, k -> identity(registers.size()));
            System.arraycopy(here, 0, first, 0, here.length);
        }
    }

    /** Takes over where they stood at first, if that leads to where they stand now. */
    private boolean resume(Map<String, Tensor> state, float[][][] here) {
        Tensor kept = state.get(TRANSITION);
        long size = here.length;
        if (kept == null || !kept.shape().equals(List.of((long) partial.size(), size, size))) {
            return false;
        }
        transitions = matrices(kept.data(), partial.size(), here.length);
        for (int r = 0; r < here.length; r++) {
            for (int k = 0; k < partial.size(); k++) {
                first[r][k] = floats(state.get(name(r, k)));
            }
        }
        for (int r = 0; r < here.length; r++) {
            for (int k = 0; k < partial.size(); k++) {
                if (!leadsTo(r, k, here[r][k])) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean leadsTo(int register, int index, float[] here) {
        int elements = (int) partial.get(index).weight().elements()
                - partial.get(index).elements();
        for (float[][] values : first) {
            if (values[index] != null && values[index].length != elements) {
                return false;
            }
        }
        for (int k = 0; k < elements; k++) {
            if (value(register, index, k) != (here == null ? 0 : here[k])) {
                return false;
            }
        }
        return true;
    }

    private float value(int register, int index, int element) {
        double[] factors = transitions[index][register];
        double value = 0;
        for (int r = 0; r < factors.length; r++) {
            value += first[r][index] == null ? 0 : factors[r] * first[r][index][element];
        }
        return (float) value;
    }

    private String name(int register, int index) {
        return PREFIX + registers.get(register) + "."
                + partial.get(index).weight().name();
    }

    private static double[][] identity(int size) {
        double[][] identity = new double[size][size];
        for (int k = 0; k < size; k++) {
            identity[k][k] = 1;
        }
        return identity;
    }

    private static double[][][] matrices(ByteBuffer data, int count, int size) {
        double[][][] matrices = new double[count][size][size];
        for (double[][] matrix : matrices) {
            for (double[] row : matrix) {
                data.asDoubleBuffer().get(row);
                data.position(data.position() + size * Double.BYTES);
            }
        }
        return matrices;
    }

    private static float[] floats(Tensor tensor) {
        if (tensor == null) {
            return null;
        }
        float[] values = new float[(int) tensor.elements()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }

    /** What is not held; null where all of it is zero. */
    private static float[] left(Held held, ByteBuffer whole) {
        int[] left = held.left();
        float[] values = new float[left.length];
        boolean zero = true;
        for (int k = 0; k < left.length; k++) {
            values[k] = whole.getFloat(left[k] * Float.BYTES);
            zero &= values[k] == 0;
        }
        return zero ? null : values;
    }

    /** A step with these scalars of the optimizer. */
    void step(double[] scalars) {
        for (int k = 0; k < transitions.length; k++) {
            transitions[k] = product(optimizer.withoutGradient(settings.get(k), scalars), transitions[k]);
        }
    }

    private static double[][] product(double[][] left, double[][] right) {
        double[][] product = new double[left.length][left.length];
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < left.length; j++) {
                for (int k = 0; k < left.length; k++) {
                    product[i][j] += left[i][k] * right[k][j];
                }
            }
        }
        return product;
    }

    /**
     * Puts the values of this moment into their places.
     *
     * @param register 0 for the parameter, from 1 on the optimizer's buffers
     * @param index of the weight among the partial ones
     */
    void put(int register, int index, ByteBuffer whole) {
        int[] left = partial.get(index).left();
        for (int k = 0; k < left.length; k++) {
            whole.putFloat(left[k] * Float.BYTES, value(register, index, k));
        }
    }

    /** What the steps so far made of them: a matrix of the registers for each weight, one after the other. */
    double[] steps() {
        return Arrays.stream(transitions)
                .flatMap(Arrays::stream)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /** Goes on from other steps, in the form of {@link #steps()}. */
    void assign(double[] steps) {
        int size = registers.size();
        if (steps.length != partial.size() * size * size) {
            throw new IllegalArgumentException("the dead taps have " + partial.size() + " matrices of " + size + "x"
                    + size + ", got " + steps.length + " elements");
        }
        for (int k = 0; k < transitions.length; k++) {
            transitions[k] = new double[size][];
            for (int row = 0; row < size; row++) {
                int begin = (k * size + row) * size;
                transitions[k][row] = Arrays.copyOfRange(steps, begin, begin + size);
            }
        }
    }

    /** What has to be kept beside the whole parameters and buffers; nothing where there are no dead taps. */
    List<Tensor> state() {
        List<Tensor> state = new ArrayList<>();
        if (partial.isEmpty()) {
            return state;
        }
        int size = registers.size();
        int bytes = partial.size() * size * size * Double.BYTES;
        ByteBuffer values = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(transitions).flatMap(Arrays::stream).forEach(row -> Arrays.stream(row)
                .forEach(values::putDouble));
        List<Long> shape = List.of((long) partial.size(), (long) size, (long) size);
        state.add(new Tensor(TRANSITION, DType.F64, shape, values.flip()));
        for (int r = 0; r < first.length; r++) {
            for (int k = 0; k < partial.size(); k++) {
                if (first[r][k] != null) {
                    ByteBuffer data = ByteBuffer.allocate(first[r][k].length * Float.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN);
                    data.asFloatBuffer().put(first[r][k]);
                    state.add(new Tensor(name(r, k), DType.F32, List.of((long) first[r][k].length), data));
                }
            }
        }
        return state;
    }
}
