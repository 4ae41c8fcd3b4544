// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.it;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.InputConvention;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.evaluator.Fixtures;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Real checkpoints of a real network in a real store, for a data set of 8x8 images in three classes. Most of them have
 * a last layer that ignores the image and always says the same, so that their score can be worked out by hand.
 */
final class Checkpoints {
    static final List<String> CLASSES = List.of("cat", "dog", "owl");
    /** Half of them cats: the share of a class is the accuracy of a network that always says it. */
    static final int[] LABELS = {0, 0, 1, 0, 2, 0, 1, 0, 2, 1};

    static final Network NETWORK = new Network("resnet18", Network.Stem.IMAGENET, 1, CLASSES.size());

    static final int SIZE = 8;
    private static final int BATCH = 4;
    private static final Recipe RECIPE = Recipes.named("textbook");

    final Path directory;
    final CheckpointStore store;
    private final List<Tensor> untrained;

    Checkpoints(Path directory) {
        this.directory = directory;
        this.store = new DirectoryCheckpointStore(directory);
        try (Learner learner = Learner.create(
                NETWORK,
                Fixtures.NORMALIZATION,
                SIZE,
                SIZE,
                RECIPE,
                Torch.compute(RECIPE.precision(), RECIPE.channelsLast()),
                1)) {
            this.untrained = learner.weights().stream().map(Checkpoints::copy).toList();
        }
    }

    /** The test split, in batches of 4, 4 and 2. */
    static List<ImageBatch> testSplit(String digest) {
        Random random = new Random(7);
        List<ImageBatch> batches = new ArrayList<>();
        int count = (LABELS.length + BATCH - 1) / BATCH;
        for (int index = 0; index < count; index++) {
            int from = index * BATCH;
            int[] labels = java.util.Arrays.copyOfRange(LABELS, from, Math.min(LABELS.length, from + BATCH));
            byte[] pixels = new byte[labels.length * SIZE * SIZE];
            random.nextBytes(pixels);
            batches.add(new ImageBatch(
                    new BatchId(digest, Split.TEST, 0, index, 0),
                    count,
                    Encoding.UINT8,
                    Fixtures.NORMALIZATION,
                    labels.length,
                    1,
                    SIZE,
                    SIZE,
                    ByteBuffer.wrap(pixels),
                    labels,
                    "samples"));
        }
        return batches;
    }

    /** Writes a checkpoint with these weights, of a run whose incarnation is its id. */
    CheckpointPublished write(String model, String digest, String runId, long step, List<Tensor> weights)
            throws IOException {
        return write(model, digest, runId, runId, step, weights);
    }

    CheckpointPublished write(
            String model, String digest, String runId, String incarnation, long step, List<Tensor> weights)
            throws IOException {
        TrainingState state =
                new TrainingState(List.of(untrained.get(untrained.size() - 1)), Fixtures.position(step), 1, false);
        CheckpointRef ref =
                store.write(metadata(model, digest, runId, incarnation, step), weights, state, step + " line\n");
        return Fixtures.announcement(ref, model, digest, step);
    }

    /** Writes these weights as the average beside a checkpoint. */
    CheckpointPublished writeAverage(CheckpointPublished raw, List<Tensor> weights) throws IOException {
        CheckpointRef ref = raw.checkpoint();
        long step = raw.position().step();
        CheckpointMetadata metadata = metadata(raw.model(), raw.datasetDigest(), ref.runId(), ref.incarnation(), step);
        return Fixtures.announcement(
                store.writeAverage(ref, metadata, 0.9, weights), raw.model(), raw.datasetDigest(), step);
    }

    private static CheckpointMetadata metadata(
            String model, String digest, String runId, String incarnation, long step) {
        return new CheckpointMetadata(
                runId,
                incarnation,
                step,
                1,
                step * BATCH,
                Map.of(0, step),
                NETWORK,
                Fixtures.NORMALIZATION,
                CLASSES,
                model,
                digest,
                SIZE,
                SIZE,
                InputConvention.INK,
                model,
                List.of(),
                Fixtures.COMPUTE,
                null,
                null,
                null);
    }

    List<Tensor> untrained() {
        return untrained;
    }

    /** Weights that give these logits for every image. */
    List<Tensor> saying(float... logits) {
        return untrained.stream()
                .map(tensor -> switch (tensor.name()) {
                    case "fc.weight" -> filled(tensor, new float[(int) tensor.elements()]);
                    case "fc.bias" -> filled(tensor, logits);
                    default -> tensor;
                })
                .toList();
    }

    private static Tensor filled(Tensor like, float[] values) {
        ByteBuffer data = ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Tensor(like.name(), DType.F32, like.shape(), data);
    }

    private static Tensor copy(Tensor tensor) {
        ByteBuffer data = ByteBuffer.allocateDirect(tensor.data().remaining());
        data.put(tensor.data()).flip();
        return new Tensor(tensor.name(), tensor.dtype(), tensor.shape(), data);
    }
}
