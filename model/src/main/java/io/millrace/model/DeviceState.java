// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Weight;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What lives on the device from step to step, beside the module itself: its parameters, the optimizer's momentum buffers,
 * the sums of the statistics, and the constants of the normalization. Not thread-safe.
 */
final class DeviceState implements AutoCloseable {
    private static final String PARAMETERS = "parameters[]";
    private static final String MOMENTUM = "momentum[]";
    /** Names of optimizer tensors begin with it; the rest is the parameter's name. */
    private static final String PREFIX = "momentum.";

    private final ScriptModule module;
    private final List<Weight> trainable;
    private final NDManager manager;
    private final NDList parameters = new NDList();
    private final Map<Encoding, NDList> affine = new EnumMap<>(Encoding.class);
    private NDList momentum;
    private NDArray sums;

    /** The state before the first step: momentum and sums are zero. */
    DeviceState(ScriptModule module, List<Weight> trainable, Normalization normalization) {
        this.module = module;
        this.trainable = trainable;
        this.manager = module.manager().newSubManager();
        for (Weight weight : trainable) {
            parameters.add(named(module.parameter(weight), PARAMETERS));
        }
        NDList zeros = new NDList();
        trainable.forEach(weight -> zeros.add(manager.zeros(shape(weight))));
        momentum = laidOut(zeros);
        sums = manager.zeros(new Shape(2), DataType.FLOAT64);
        for (Encoding encoding : Encoding.values()) {
            affine.put(encoding, ScriptModule.affine(manager, normalization, encoding));
        }
    }

    /** Scale and zero point. */
    NDList affine(Encoding encoding) {
        return affine.get(encoding);
    }

    /** What a step changes, as arguments: sums, parameters, momentum. */
    NDList arguments() {
        NDList arguments = new NDList(sums);
        arguments.addAll(parameters);
        arguments.addAll(momentum);
        return arguments;
    }

    private static Shape shape(Weight weight) {
        return new Shape(weight.shape().stream().mapToLong(Long::longValue).toArray());
    }

    /** Optimizer buffers in the memory layout of their parameters, so that the update runs through both in one go. */
    private NDList laidOut(NDList values) {
        try (NDManager scope = module.manager().newSubManager()) {
            NDList arguments = new NDList();
            parameters.forEach(parameter -> arguments.add(named(parameter, "like[]")));
            values.forEach(value -> arguments.add(named(value, "values[]")));
            NDList buffers = module.call(scope, "laid_out", arguments, true);
            buffers.attach(manager);
            parameters.forEach(parameter -> parameter.setName(PARAMETERS));
            buffers.forEach(buffer -> buffer.setName(MOMENTUM));
            values.close();
            return buffers;
        }
    }

    private static NDArray named(NDArray array, String name) {
        array.setName(name);
        return array;
    }

    /** Takes over momentum buffers that {@link #requireFit} has let pass, in its order. */
    void setMomentum(List<Tensor> buffers) {
        NDList values = new NDList();
        for (Tensor buffer : buffers) {
            long[] shape = buffer.shape().stream().mapToLong(Long::longValue).toArray();
            values.add(manager.create(
                    ScriptModule.direct(buffer.data().remaining())
                            .put(buffer.data())
                            .flip(),
                    new Shape(shape),
                    DataType.FLOAT32));
        }
        NDList former = momentum;
        momentum = laidOut(values);
        former.close();
    }

    /**
     * The momentum buffers of an optimizer's state, in the order of the parameters.
     *
     * @throws IllegalArgumentException naming the first one that does not fit
     */
    static List<Tensor> requireFit(List<Weight> trainable, List<Tensor> optimizerState) {
        Map<String, Tensor> byName = new HashMap<>();
        optimizerState.forEach(tensor -> byName.put(tensor.name(), tensor));
        List<Tensor> buffers = new ArrayList<>();
        for (Weight weight : trainable) {
            Tensor buffer = byName.remove(PREFIX + weight.name());
            if (buffer == null) {
                throw new IllegalArgumentException("the optimizer state lacks \"" + PREFIX + weight.name() + '"');
            }
            if (buffer.dtype() != DType.F32 || !buffer.shape().equals(weight.shape())) {
                throw new IllegalArgumentException("optimizer state \"" + buffer.name() + "\" should be F32 "
                        + weight.shape() + ", it is " + buffer.dtype() + " " + buffer.shape());
            }
            buffers.add(buffer);
        }
        if (!byName.isEmpty()) {
            throw new IllegalArgumentException("the optimizer has no state named " + byName.keySet());
        }
        return buffers;
    }

    /** Sums of loss and of right answers over the steps since the last call; they begin anew. Waits for the device. */
    double[] takeSums() {
        double[] totals = totals();
        sums.close();
        sums = manager.zeros(new Shape(2), DataType.FLOAT64);
        return totals;
    }

    /** By way of a copy on the host: DJL's own way from a GPU leaves something native behind each time. */
    private double[] totals() {
        try (NDManager scope = module.manager().newSubManager()) {
            NDList host = module.call(scope, "snapshot", new NDList(named(sums, "tensors[]")), true);
            double[] totals = host.singletonOrThrow().toDoubleArray();
            host.close();
            return totals;
        }
    }

    /** Copies of the parameters. */
    List<Tensor> parameters(NDManager scope) {
        return copies(scope, trainable, parameters, PARAMETERS, "");
    }

    /** Copies of the momentum buffers, named {@code momentum.<parameter>}. */
    List<Tensor> momentum(NDManager scope) {
        return copies(scope, trainable, momentum, MOMENTUM, PREFIX);
    }

    /** Copies of arrays on the heap, named after weights. */
    List<Tensor> copies(NDManager scope, List<Weight> weights, NDList arrays) {
        return copies(scope, weights, arrays, "", "");
    }

    private List<Tensor> copies(NDManager scope, List<Weight> weights, NDList arrays, String nameAfter, String prefix) {
        arrays.forEach(array -> array.setName("tensors[]"));
        NDList host = module.call(scope, "snapshot", arrays, true);
        arrays.forEach(array -> array.setName(nameAfter));
        List<Tensor> copies = new ArrayList<>();
        for (int k = 0; k < weights.size(); k++) {
            copies.add(ScriptModule.tensor(prefix + weights.get(k).name(), host.get(k)));
        }
        host.close();
        return copies;
    }

    @Override
    public void close() {
        manager.close();
    }
}
