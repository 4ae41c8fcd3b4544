// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.model.Learner;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
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
        Recipe quick = Recipes.named("quick");
        Recipe recipe = new Recipe(
                quick.name(),
                quick.description(),
                quick.epochs(),
                quick.batchSize(),
                quick.optimizer(),
                quick.schedule(),
                quick.labelSmoothing(),
                quick.augmentation(),
                precision,
                channelsLast,
                quick.checkpointEverySteps());
        return Learner.create(NETWORK, NORMALIZATION, recipe, 1);
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
