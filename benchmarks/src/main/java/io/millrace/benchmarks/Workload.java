// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.Calibration;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import io.millrace.model.UnavailableComputeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** ResNet-18 on random images of MNIST's form: speed does not depend on what they show. */
final class Workload {
    static final Network NETWORK = new Network("resnet18", Network.Stem.IMAGENET, 1, 10);
    static final Normalization NORMALIZATION = Normalization.ofMeanStd(List.of(0.1307), List.of(0.3081));
    static final double LEARNING_RATE = 0.01;
    private static final int SIDE = 28;
    private static final int DISTINCT_BATCHES = 8;

    private Workload() {}

    static Learner learner(Precision precision, boolean channelsLast) {
        return learner(Torch.compute(precision, channelsLast));
    }

    static Learner learner(Compute compute) {
        try {
            Torch.use(compute);
        } catch (UnavailableComputeException e) {
            throw new IllegalStateException("resolved on this machine, and not to be had here", e);
        }
        return Learner.create(NETWORK, NORMALIZATION, SIDE, SIDE, Recipes.named("quick"), compute, 1);
    }

    /** How the trainer would compute: {@code auto} is measured. */
    static Compute resolve(Precision precision, int batchSize) throws IOException {
        Path folder = Files.createTempDirectory("millrace-calibration");
        try {
            return new Calibration(folder.resolve("calibration.json"), said -> {}).resolve(run(precision, batchSize));
        } finally {
            Files.deleteIfExists(folder.resolve("calibration.json"));
            Files.delete(folder);
        }
    }

    private static RunSpec run(Precision precision, int batchSize) {
        List<String> classes = IntStream.range(0, NETWORK.classes())
                .mapToObj(Integer::toString)
                .toList();
        return new RunSpec(
                "benchmark",
                Instant.EPOCH,
                "benchmark",
                new Dataset("random", "none", batchSize, batchSize, 1, SIDE, SIDE, classes, NORMALIZATION),
                NETWORK,
                Recipes.of(JsonNodeFactory.instance
                        .objectNode()
                        .put("batchSize", batchSize)
                        .put("precision", precision.name().toLowerCase(Locale.ROOT))),
                1,
                1,
                1,
                ImageBatch.Encoding.UINT8,
                0);
    }

    /** A few different batches, to be used in turn. */
    static List<ImageBatch> batches(int size) {
        return IntStream.range(0, DISTINCT_BATCHES)
                .mapToObj(index -> batch(index, size))
                .toList();
    }

    private static ImageBatch batch(int index, int size) {
        SplittableRandom random = new SplittableRandom(index);
        byte[] pixels = new byte[size * SIDE * SIDE];
        random.nextBytes(pixels);
        int[] labels = random.ints(size, 0, NETWORK.classes()).toArray();
        ByteBuffer images = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
        return new ImageBatch(
                new BatchId("benchmark", Split.TRAIN, 0, index, 0),
                DISTINCT_BATCHES,
                ImageBatch.Encoding.UINT8,
                NORMALIZATION,
                size,
                1,
                SIDE,
                SIDE,
                images,
                labels,
                Integer.toHexString(Arrays.hashCode(labels)));
    }
}
