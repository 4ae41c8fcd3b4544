// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Held;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Optimizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where a learner stands: on the device what a step works with, on the host what it does without, and how both come from
 * whole weights and go back into them. Not thread-safe.
 */
final class LearnerState implements AutoCloseable {
    private final Plan plan;
    private final List<Held> trainable;
    private final ScriptModule module;
    private final DeviceState device;
    private final DeadTaps dead;
    private final Map<String, Tensor> frozen;
    private long updates;

    /**
     * @param weights whole, in the order of the plan
     * @param state of the optimizer, by name; a buffer that is not there is zero
     * @throws IllegalArgumentException when the state cannot be gone on from with images of this size
     */
    LearnerState(Plan plan, Normalization normalization, List<Tensor> weights, Map<String, Tensor> state) {
        this.plan = plan;
        this.trainable = plan.trainable();
        List<Held> partial = trainable.stream().filter(Held::partial).toList();
        Map<String, Tensor> byName = weights.stream().collect(Collectors.toMap(Tensor::name, tensor -> tensor));
        this.dead = new DeadTaps(partial, plan.settings(partial), plan.optimizer(), byName, state);
        this.frozen = weights.stream()
                .filter(tensor -> plan.isFrozen(tensor.name()))
                .collect(Collectors.toMap(Tensor::name, tensor -> tensor));
        this.updates = OptimizerState.updates(state);
        List<List<ByteBuffer>> buffers = new ArrayList<>();
        for (String buffer : plan.optimizer().buffers()) {
            buffers.add(trainable.stream()
                    .map(part ->
                            taken(part, state.get(buffer + "." + part.weight().name())))
                    .toList());
        }
        this.module = ScriptModule.load(plan.archive(weights), true);
        this.device = new DeviceState(module, trainable, normalization, buffers);
    }

    private static ByteBuffer taken(Held part, Tensor whole) {
        return whole == null ? ByteBuffer.allocate(part.elements() * Float.BYTES) : part.taken(whole.data());
    }

    ScriptModule module() {
        return module;
    }

    DeviceState device() {
        return device;
    }

    /** The scalars of the next update. */
    double[] scalars(double learningRate) {
        return plan.optimizer().scalars(learningRate, updates);
    }

    /** After an update with these scalars. */
    void updated(double[] scalars) {
        dead.step(scalars);
        updates++;
    }

    /** All weights, whole, in the order of the plan. */
    List<Tensor> weights() {
        Iterator<Tensor> trained = whole(device.parameters(), 0, "").iterator();
        Iterator<ByteBuffer> statistics = device.statistics().iterator();
        List<Tensor> all = new ArrayList<>();
        for (Held part : plan.held()) {
            Weight weight = part.weight();
            if (frozen.containsKey(weight.name())) {
                all.add(frozen.get(weight.name()));
            } else if (weight.trainable()) {
                all.add(trained.next());
            } else {
                all.add(new Tensor(weight.name(), DType.F32, weight.shape(), statistics.next()));
            }
        }
        return all;
    }

    /** The optimizer's buffers, whole, and what there is to know about elements that the device does without. */
    List<Tensor> optimizerState() {
        Optimizer optimizer = plan.optimizer();
        List<Tensor> copies = new ArrayList<>();
        for (int k = 0; k < optimizer.buffers().size(); k++) {
            copies.addAll(whole(device.buffer(k), k + 1, optimizer.buffers().get(k) + "."));
        }
        copies.addAll(dead.state());
        if (optimizer.counts()) {
            copies.add(OptimizerState.step(updates));
        }
        return copies;
    }

    /** Where it stands. Waits for the device. */
    StateVector vector() {
        List<float[]> buffers = new ArrayList<>();
        for (int k = 0; k < plan.optimizer().buffers().size(); k++) {
            buffers.add(Flat.of(device.buffer(k)));
        }
        return new StateVector(
                Flat.of(device.parameters()), buffers, Flat.of(device.statistics()), dead.steps(), updates);
    }

    /**
     * Goes on from another place.
     *
     * @throws IllegalArgumentException when it is one of another network or optimizer
     */
    void assign(StateVector vector) {
        dead.assign(vector.dead());
        device.assign(vector);
        updates = vector.updates();
    }

    /** What the device holds, and what it does without, in its places. */
    private List<Tensor> whole(List<ByteBuffer> parts, int register, String prefix) {
        List<Tensor> whole = new ArrayList<>();
        int partial = 0;
        for (int k = 0; k < parts.size(); k++) {
            Held part = trainable.get(k);
            Weight weight = part.weight();
            ByteBuffer data = parts.get(k);
            if (!part.inOrder()) {
                data = ByteBuffer.allocate((int) weight.elements() * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
                part.put(parts.get(k), data);
            }
            if (part.partial()) {
                dead.put(register, partial++, data);
            }
            whole.add(new Tensor(prefix + weight.name(), DType.F32, weight.shape(), data));
        }
        return whole;
    }

    @Override
    public void close() {
        module.close();
    }
}
