// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.export;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.InputConvention;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.ResidualLayout.Order;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.model.network.Networks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Checkpoints of small networks, in a store. */
public final class Stored {
    public static final Normalization NORMALIZATION =
            Normalization.ofMeanStd(List.of(0.1, 0.2, 0.3), List.of(0.4, 0.5, 0.6));

    /** As torchvision's ResNets, narrow. */
    public static final Network RESIDUAL = network(Block.BASIC, null);

    /** What ends in a largest number. */
    public static final Network POOLED = network(Block.POOLED, null);

    /** Where pools and ReLU stand before BatchNorm. */
    public static final Network NORM_LAST = network(Block.POOLED, Order.POOL_RELU_NORM);

    private Stored() {}

    private static Network network(Block block, Order order) {
        ResidualLayout layout = new ResidualLayout(block, List.of(1, 1), List.of(4, 8), 4, null, order, null);
        return new Network("narrow", layout.usualStem(), 3, 4, layout);
    }

    /** Writes a checkpoint of 24×32 images after a step; weights are drawn, BatchNorm's too. */
    public static Path write(Path root, String run, long step, Network network) throws IOException {
        DirectoryCheckpointStore store = new DirectoryCheckpointStore(root);
        Position position =
                new Position(step, step, 1, step * 8, 0, Map.of(0, new OffsetRange(0, step)), "d", 1, 1, 0.5);
        CheckpointMetadata about = new CheckpointMetadata(
                "run",
                run,
                step,
                1,
                step * 8,
                Map.of(0, step),
                network,
                NORMALIZATION,
                List.of("cat", "a \"dog\"", "ü", "|"),
                "pets",
                "abc",
                24,
                32,
                InputConvention.PHOTO,
                "pets",
                List.of(),
                new Compute(Precision.FP32, false, "cpu", 1, "a processor", "an engine"),
                null,
                null,
                "{\"name\":\"quick\"}");
        TrainingState state = new TrainingState(List.of(), position, 1, false);
        CheckpointRef ref = store.write(about, weights(network), state, step + " a\n");
        return root.resolve(ref.uri());
    }

    /** The same for the same network. */
    public static List<Tensor> weights(Network network) {
        SplittableRandom random = new SplittableRandom(5);
        return Networks.initialWeights(network, 3).stream()
                .map(tensor -> tensor.name().matches(".*(bn.*|downsample\\.1)\\..*") ? drawn(tensor, random) : tensor)
                .toList();
    }

    private static Tensor drawn(Tensor tensor, SplittableRandom random) {
        int elements = (int) tensor.elements();
        ByteBuffer values = ByteBuffer.allocate(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < elements; k++) {
            values.putFloat(random.nextFloat() + 0.5f);
        }
        return new Tensor(tensor.name(), DType.F32, tensor.shape(), values.flip());
    }
}
