// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Optimizer;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.Schedule;
import io.millrace.contracts.event.StrictJson;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What most tests of the model begin with. */
final class Given {
    static final int SIDE = 28;
    static final int CLASSES = 10;
    static final Network NETWORK = new Network("resnet18", Network.Stem.IMAGENET, 1, CLASSES);
    static final Normalization NORMALIZATION = Normalization.ofMeanStd(List.of(0.1307), List.of(0.3081));

    private Given() {}

    /** SGD and layout as they are set; everything else plain. */
    static Recipe recipe(
            double momentum,
            boolean nesterov,
            double weightDecay,
            double labelSmoothing,
            Precision precision,
            boolean channelsLast) {
        return new Recipe(
                "test",
                "",
                1,
                8,
                new Optimizer.Sgd(momentum, nesterov, weightDecay),
                new Schedule.Constant(0.01, 0),
                labelSmoothing,
                Augmentation.NONE,
                precision,
                channelsLast,
                0);
    }

    /** The most telling one: Nesterov momentum, weight decay and label smoothing, in float32. */
    static Recipe recipe() {
        return recipe(0.9, true, 5e-4, 0.1, Precision.FP32, false);
    }

    /** Gradient descent and nothing else: one step with learning rate 1 takes the gradient off the weights. */
    static Recipe plainDescent(double labelSmoothing) {
        return recipe(0, false, 0, labelSmoothing, Precision.FP32, false);
    }

    /** What differs from the recipe that comes first, in float32. */
    static Recipe recipe(String sparse) {
        try {
            ObjectNode recipe = (ObjectNode) StrictJson.tree(sparse);
            return Recipes.of(recipe.put("precision", "fp32"));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    static Learner learner(Recipe recipe) {
        return Learner.create(NETWORK, NORMALIZATION, SIDE, SIDE, recipe, compute(recipe), 1);
    }

    /** As this machine computes what a recipe asks for. */
    static Compute compute(Recipe recipe) {
        return Torch.compute(recipe.precision(), recipe.channelsLast());
    }

    /** Noise with random labels, the same for the same number. */
    static ImageBatch batch(int number, int size) {
        SplittableRandom random = new SplittableRandom(number);
        byte[] pixels = new byte[size * SIDE * SIDE];
        random.nextBytes(pixels);
        int[] labels = random.ints(size, 0, CLASSES).toArray();
        return batch(number, 1, NORMALIZATION, pixels, labels);
    }

    static ImageBatch batch(int number, int channels, Normalization normalization, byte[] pixels, int[] labels) {
        return new ImageBatch(
                new BatchId("test", Split.TRAIN, 0, number, 0),
                1000,
                Encoding.UINT8,
                normalization,
                labels.length,
                channels,
                SIDE,
                SIDE,
                ByteBuffer.wrap(pixels),
                labels,
                "");
    }

    static ImageBatch labelled(ImageBatch batch, int... labels) {
        byte[] pixels = new byte[batch.images().remaining()];
        batch.images().get(pixels);
        return batch(batch.id().index(), batch.channels(), batch.normalization(), pixels, labels);
    }

    /** The same images, normalized before they travel. */
    static ImageBatch asFloats(ImageBatch batch) {
        ByteBuffer bytes = batch.images();
        ByteBuffer floats = ByteBuffer.allocate(bytes.remaining() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int plane = batch.height() * batch.width();
        for (int k = 0; bytes.hasRemaining(); k++) {
            floats.putFloat(batch.normalization().apply(k / plane % batch.channels(), bytes.get() & 0xff));
        }
        return new ImageBatch(
                batch.id(),
                batch.batchesPerEpoch(),
                Encoding.FLOAT32,
                batch.normalization(),
                batch.size(),
                batch.channels(),
                batch.height(),
                batch.width(),
                floats.flip(),
                batch.labels(),
                batch.samplesDigest());
    }

    static int[] allLabelled(int size, int label) {
        int[] labels = new int[size];
        Arrays.fill(labels, label);
        return labels;
    }

    static Tensor named(List<Tensor> tensors, String name) {
        return tensors.stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no tensor " + name));
    }

    static float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.elements()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }

    static Tensor tensor(String name, List<Long> shape, float... values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Tensor(name, DType.F32, shape, data);
    }

    /** The list with one tensor's values replaced. */
    static List<Tensor> with(List<Tensor> tensors, String name, float... values) {
        return tensors.stream()
                .map(tensor -> tensor.name().equals(name) ? tensor(name, tensor.shape(), values) : tensor)
                .toList();
    }

    /** As {@code value} in reference.py: from -1 to 1, by a multiplicative hash. */
    static double[] formula(int stream, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            long x = (i + stream * 7919L + 1) * 2654435761L & 0xFFFFFFFFL;
            x = (x ^ x >>> 15) * 2246822519L & 0xFFFFFFFFL;
            x = x ^ x >>> 13;
            values[i] = x / 0x1p31 - 1.0;
        }
        return values;
    }
}
