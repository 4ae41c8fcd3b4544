// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.InputConvention;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** A run whose weights are a few numbers. */
final class Given {
    static final String RUN = "run-1-k3v9";
    static final Compute COMPUTE = new Compute(Precision.BF16, true, "cpu", 2, "A Processor (avx2)", "PyTorch 2.3.1");

    private Given() {}

    static CheckpointMetadata metadata(String incarnation, long step) {
        return new CheckpointMetadata(
                "run-1",
                incarnation,
                step,
                2,
                step * 128,
                Map.of(0, 40 + step, 1, 50L),
                new Network("resnet18", Network.Stem.CIFAR, 3, 2),
                Normalization.ofMeanStd(List.of(0.1, 0.2, 0.3), List.of(0.4, 0.5, 0.6)),
                List.of("cat, small", "\"dog\" ü"),
                "pets",
                "abc",
                32,
                24,
                InputConvention.INK,
                "pets-model",
                List.of(),
                COMPUTE,
                null,
                null,
                null);
    }

    /** The average that {@link #average} writes beside a checkpoint of a run. */
    static CheckpointMetadata averaged(CheckpointRef raw, long step) {
        return metadata(RUN, step).averaged(0.75, raw);
    }

    static CheckpointRef average(CheckpointStore store, CheckpointRef raw, long step) throws IOException {
        return store.writeAverage(raw, metadata(RUN, step), 0.75, weights(step / 2f));
    }

    static Position position(long step) {
        return new Position(
                step,
                step,
                2,
                step * 128,
                1,
                Map.of(0, new OffsetRange(40, 40 + step), 1, new OffsetRange(45, 50)),
                "d" + step,
                1.5,
                0.25,
                2.125);
    }

    static TrainingState state(long step) {
        return new TrainingState(List.of(tensor("momentum.w", step, 0.5f)), position(step), 3, step == 9);
    }

    static List<Tensor> weights(float first) {
        return List.of(tensor("w", first, 2, 3));
    }

    /** The record of steps {@code from} to {@code to}, both included. */
    static String batches(long from, long to) {
        StringBuilder lines = new StringBuilder();
        for (long step = from; step <= to; step++) {
            lines.append(step).append(" 0 ").append(step - 1).append(" 7,-\n");
        }
        return lines.toString();
    }

    private static Tensor tensor(String name, float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Tensor(name, DType.F32, List.of((long) values.length), data);
    }
}
