// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.delta.Chunks;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.StateVector;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where all replicas of a run stand between two rounds. None has anything of its own there.
 *
 * @param vector of the learner
 * @param velocity of the outer step, as long as the parameters; empty where it has no momentum
 * @param deadVelocity likewise of elements that the device does without: the first row of a matrix for each weight
 */
public record Shared(StateVector vector, float[] velocity, double[] deadVelocity) {
    private static final String PREFIX = "outer.";
    private static final String VELOCITY = PREFIX + "velocity";
    private static final String DEAD_VELOCITY = PREFIX + "dead-velocity";

    /** At rest: where the run begins, or its network was made anew. */
    public static Shared at(StateVector vector, double momentum) {
        int registers = vector.buffers().size() + 1;
        return momentum == 0
                ? new Shared(vector, new float[0], new double[0])
                : new Shared(
                        vector, new float[vector.parameters().length], new double[vector.dead().length / registers]);
    }

    /** As {@link #at}, with the velocity that a checkpoint has, where it has one. */
    public static Shared at(StateVector vector, double momentum, List<Tensor> state) {
        Shared rest = at(vector, momentum);
        Map<String, Tensor> byName = state.stream().collect(Collectors.toMap(Tensor::name, tensor -> tensor));
        if (byName.containsKey(VELOCITY) && byName.get(VELOCITY).elements() == rest.velocity.length) {
            byName.get(VELOCITY).data().asFloatBuffer().get(rest.velocity);
            byName.get(DEAD_VELOCITY).data().asDoubleBuffer().get(rest.deadVelocity);
        }
        return rest;
    }

    /** Whether a tensor of a training state is of the outer step and not of the learner. */
    public static boolean isOuter(Tensor tensor) {
        return tensor.name().startsWith(PREFIX);
    }

    /** What a checkpoint has to have beside the learner's state. */
    public List<Tensor> state() {
        if (velocity.length == 0) {
            return List.of();
        }
        ByteBuffer live = ByteBuffer.allocate(velocity.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        live.asFloatBuffer().put(velocity);
        ByteBuffer dead =
                ByteBuffer.allocate(deadVelocity.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        dead.asDoubleBuffer().put(deadVelocity);
        return List.of(
                new Tensor(VELOCITY, DType.F32, List.of((long) velocity.length), live),
                new Tensor(DEAD_VELOCITY, DType.F64, List.of((long) deadVelocity.length), dead));
    }

    /** Digest of the weights: whoever has another one must not take part. */
    String digest() {
        ByteBuffer bytes = ByteBuffer.allocate((vector.parameters().length + vector.statistics().length) * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector.parameters()).put(vector.statistics());
        return Chunks.digest(bytes);
    }
}
