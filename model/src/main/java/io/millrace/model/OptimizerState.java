// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Optimizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The form of an optimizer's state at rest: whole buffers, named {@code <buffer>.<parameter>}, and the dead taps'. */
final class OptimizerState {
    private OptimizerState() {}

    /** The number of updates as a tensor. */
    static Tensor step(long updates) {
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return new Tensor(
                Optimizer.STEP, DType.I64, List.of(), data.putLong(updates).flip());
    }

    /** The number of updates; 0 where it is not known. */
    static long updates(Map<String, Tensor> state) {
        return state.containsKey(Optimizer.STEP)
                ? state.get(Optimizer.STEP).data().getLong()
                : 0;
    }

    /**
     * The tensors by name. Where the state is from before some parameters were trained, their buffers are not among them,
     * and begin at zero; an optimizer that counts its updates counts those of all parameters together, and begins anew then.
     *
     * @param newlyTrained parameters that the state may know nothing of
     * @throws IllegalArgumentException naming the first tensor that is missing, too much, or of another type or shape
     */
    static Map<String, Tensor> requireFit(
            List<Weight> trainable, Set<String> newlyTrained, Optimizer optimizer, List<Tensor> state) {
        Map<String, Tensor> byName = new HashMap<>();
        state.forEach(tensor -> byName.put(tensor.name(), tensor));
        List<String> unknown = new ArrayList<>(byName.keySet());
        if (optimizer.counts()) {
            Tensor step = byName.get(Optimizer.STEP);
            if (step == null || step.dtype() != DType.I64 || step.elements() != 1) {
                throw new IllegalArgumentException(
                        "the optimizer state should have the number of updates, I64, as \"" + Optimizer.STEP + "\"");
            }
            unknown.remove(Optimizer.STEP);
        }
        List<Weight> known = trainable.stream()
                .filter(weight -> !newlyTrained.contains(weight.name())
                        || optimizer.buffers().stream()
                                .anyMatch(buffer -> byName.containsKey(buffer + "." + weight.name())))
                .toList();
        for (String buffer : optimizer.buffers()) {
            for (Weight weight : known) {
                String name = buffer + "." + weight.name();
                Tensor tensor = byName.get(name);
                if (tensor == null) {
                    throw new IllegalArgumentException("the optimizer state lacks \"" + name + '"');
                }
                if (tensor.dtype() != DType.F32 || !tensor.shape().equals(weight.shape())) {
                    throw new IllegalArgumentException("optimizer state \"" + name + "\" should be F32 "
                            + weight.shape() + ", it is " + tensor.dtype() + " " + tensor.shape());
                }
                unknown.remove(name);
            }
        }
        unknown.removeIf(name -> name.startsWith(DeadTaps.PREFIX));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("the optimizer has no state named " + unknown);
        }
        return optimizer.counts() && known.size() < trainable.size() ? Map.of() : byName;
    }
}
