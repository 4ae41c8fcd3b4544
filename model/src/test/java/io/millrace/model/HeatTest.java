// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The heat lies on what is to be seen, by networks that were trained for these tests. */
class HeatTest {
    /** Narrow ones as {@code resnet18} and {@code resnet9}: they end in a mean, and in a largest number. */
    private static final String AVERAGE =
            "{\"block\": \"basic\", \"depths\": [1, 1, 1, 1], \"widths\": [16, 32, 64, 64], \"stem\": \"imagenet\"}";

    private static final String LARGEST =
            "{\"block\": \"pooled\", \"depths\": [1, 0, 1], \"widths\": [16, 24, 32], \"stemWidth\": 8}";

    private static final int BATCH = 32;
    private static final int EXPLAINED = 100;
    private static final int CLASSES = 10;
    private static final double GOAL = 0.7;

    /** Pictures and where in each what it shows lies. */
    record Pictures(int channels, int side, List<byte[]> images, int[] labels, List<boolean[]> shown) {}

    /** The boxes take 12 % of the pixels. */
    @ParameterizedTest
    @ValueSource(strings = {AVERAGE, LARGEST})
    void ofDrawnScenesItLiesInTheBoxOfTheObject(String network) {
        double inside = inside(network, Scenes.draw(4800, 48, 1), Scenes.draw(EXPLAINED, 48, 2));

        assertThat(inside).isGreaterThan(GOAL);
    }

    /**
     * Ink is every pixel that is not black, and those beside one, half a cell of the largest map of {@code resnet18}: 30 % of
     * the pixels.
     */
    @ParameterizedTest
    @ValueSource(strings = {AVERAGE, LARGEST})
    void ofDigitsItLiesOnTheInk(String network) throws IOException {
        assumeTrue(
                Files.isDirectory(Mnist.FOLDER), "skipped: MNIST is not there; remedy: its files in " + Mnist.FOLDER);

        double inside = inside(network, Mnist.read("train", 3200), Mnist.read("t10k", EXPLAINED));

        assertThat(inside).isGreaterThan(GOAL);
    }

    /** The mean part of the heat of the network's answers that lies where something is shown. */
    private static double inside(String json, Pictures train, Pictures test) {
        Normalization normalization = Normalization.ofMeanStd(
                Collections.nCopies(train.channels, 0.3), Collections.nCopies(train.channels, 0.3));
        Network network =
                NetworkFile.read(json, null).network(new ImageShape(train.channels, train.side, train.side), CLASSES);
        List<Tensor> weights = trained(network, normalization, train);
        double sum = 0;
        int right = 0;
        try (Explainer explainer = Explainer.of(network, normalization, train.side, train.side, weights, 1);
                Classifier classifier = Classifier.of(network, normalization, train.side, train.side, weights)) {
            float[][] probabilities = classifier.probabilities(test.images);
            for (int k = 0; k < test.labels.length; k++) {
                int answer = largest(probabilities[k]);
                right += answer == test.labels[k] ? 1 : 0;
                sum += part(explainer.explain(test.images.get(k), answer), test.shown.get(k));
            }
        }
        assertThat(right)
                .as("right answers, without which there is nothing to explain")
                .isGreaterThan(80);
        return sum / test.labels.length;
    }

    private static int largest(float[] values) {
        int largest = 0;
        for (int k = 1; k < values.length; k++) {
            largest = values[k] > values[largest] ? k : largest;
        }
        return largest;
    }

    private static double part(Heat heat, boolean[] shown) {
        double all = 0;
        double there = 0;
        for (int k = 0; k < shown.length; k++) {
            all += heat.values()[k];
            there += shown[k] ? heat.values()[k] : 0;
        }
        return all == 0 ? 0 : there / all;
    }

    private static List<Tensor> trained(Network network, Normalization normalization, Pictures pictures) {
        Recipe recipe = Given.recipe(0.9, true, 5e-4, 0, Precision.FP32, true);
        int steps = pictures.labels.length / BATCH;
        try (Learner learner = Learner.create(
                network, normalization, pictures.side, pictures.side, recipe, Given.compute(recipe), 1)) {
            for (int step = 0; step < steps; step++) {
                double rate = 0.05 * Math.min((step + 1) / (0.25 * steps), (steps - step) / (0.75 * steps));
                learner.step(List.of(batch(normalization, pictures, step)), rate);
            }
            return learner.weights();
        }
    }

    private static ImageBatch batch(Normalization normalization, Pictures pictures, int number) {
        int pixels = pictures.channels * pictures.side * pictures.side;
        ByteBuffer images = ByteBuffer.allocateDirect(BATCH * pixels);
        pictures.images.subList(number * BATCH, (number + 1) * BATCH).forEach(images::put);
        return new ImageBatch(
                new BatchId("test", Split.TRAIN, 0, number, 0),
                1000,
                Encoding.UINT8,
                normalization,
                BATCH,
                pictures.channels,
                pictures.side,
                pictures.side,
                images.flip(),
                Arrays.copyOfRange(pictures.labels, number * BATCH, (number + 1) * BATCH),
                "");
    }

    /** MNIST, as it lies beside the project. */
    private static final class Mnist {
        private static final Path FOLDER =
                Path.of(System.getProperty("millrace.root", ".."), "..", "shared", "data", "mnist");
        private static final int SIDE = 28;

        static Pictures read(String split, int count) throws IOException {
            byte[] pixels = idx(split + "-images-idx3-ubyte.gz", 16, count * SIDE * SIDE);
            byte[] classes = idx(split + "-labels-idx1-ubyte.gz", 8, count);
            List<byte[]> images = new ArrayList<>();
            List<boolean[]> ink = new ArrayList<>();
            int[] labels = new int[count];
            for (int k = 0; k < count; k++) {
                images.add(Arrays.copyOfRange(pixels, k * SIDE * SIDE, (k + 1) * SIDE * SIDE));
                ink.add(ink(images.get(k)));
                labels[k] = classes[k];
            }
            return new Pictures(1, SIDE, images, labels, ink);
        }

        private static byte[] idx(String file, int header, int length) throws IOException {
            try (InputStream in = new GZIPInputStream(Files.newInputStream(FOLDER.resolve(file)))) {
                in.skipNBytes(header);
                return in.readNBytes(length);
            }
        }

        private static boolean[] ink(byte[] image) {
            boolean[] ink = new boolean[image.length];
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    for (int row = Math.max(0, y - 1); row <= Math.min(SIDE - 1, y + 1); row++) {
                        for (int column = Math.max(0, x - 1); column <= Math.min(SIDE - 1, x + 1); column++) {
                            ink[y * SIDE + x] |= image[row * SIDE + column] != 0;
                        }
                    }
                }
            }
            return ink;
        }
    }
}
