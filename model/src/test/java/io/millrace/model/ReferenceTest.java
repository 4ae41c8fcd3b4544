// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against PyTorch itself: {@code reference.json} was written by {@code reference.py}, which holds its own ResNet-18 and
 * torch.optim.SGD and computes in float64.
 */
class ReferenceTest {
    private static final int TILE = 7;
    /** How many times as far from float64 as PyTorch's own float32 is. */
    private static final double TIMES_FLOAT32_ERROR = 5;

    private static JsonNode reference;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = ReferenceTest.class.getResourceAsStream("reference.json")) {
            reference = new ObjectMapper().readTree(in);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void scorerAndClassifierSayWhatPyTorchSays(int index) {
        // Given
        JsonNode expected = reference.path("cases").get(index);
        Network network = network(expected);
        List<Tensor> weights = weights(network);
        ImageBatch batch = batch(network, 0);

        // When
        Predictions scored;
        float[][] classified;
        try (Scorer scorer = Scorer.of(network, normalization(network), Given.SIDE, Given.SIDE, weights);
                Classifier classifier =
                        Classifier.of(network, normalization(network), Given.SIDE, Given.SIDE, weights)) {
            scored = scorer.score(batch);
            classified = classifier.probabilities(images(batch));
        }

        // Then
        for (int n = 0; n < batch.size(); n++) {
            for (int k = 0; k < network.classes(); k++) {
                double logProbability =
                        expected.path("log_probabilities").get(n).get(k).asDouble();
                assertThat(-scored.loss(n, k)).isCloseTo(logProbability, within(2e-5));
                assertThat((double) classified[n][k]).isCloseTo(Math.exp(logProbability), within(2e-6));
            }
        }
    }

    /**
     * Channels-last for one step only: after three, PyTorch's own channels-last float32 is farther from its float64 than
     * the code under test (0.2 in units of a tensor's root mean square), since single ReLUs tip over.
     */
    @ParameterizedTest
    @CsvSource({"0, false", "1, false", "1, true"})
    void trainingEndsWherePyTorchEnds(int index, boolean channelsLast) {
        // Given
        JsonNode expected = reference.path("cases").get(index);
        Network network = network(expected);
        try (Learner learner = learner(network, recipe(channelsLast))) {
            List<Tensor> zeros = learner.optimizerState();
            learner.restore(weights(network), zeros);

            // When
            List<StepStats> stats = new ArrayList<>();
            int steps = expected.path("losses").size();
            for (int step = 0; step < steps; step++) {
                double learningRate =
                        reference.path("recipe").path("lr").get(step).asDouble();
                learner.step(List.of(batch(network, step)), learningRate);
                stats.add(learner.stats());
            }

            // Then
            for (int step = 0; step < steps; step++) {
                assertThat(stats.get(step).loss())
                        .isCloseTo(expected.path("losses").get(step).asDouble(), within(2e-5));
                assertThat(stats.get(step).accuracy() * stats.get(step).samples())
                        .isEqualTo(expected.path("correct").get(step).asDouble());
            }
            if (!channelsLast) {
                assertLargerImagesAreSeenAsPyTorchSeesThem(network, learner.weights(), expected);
            }
            learner.weights().forEach(weight -> assertClose(weight, expected, "weights", ""));
            learner.optimizerState().stream()
                    .filter(buffer -> buffer.name().startsWith("momentum."))
                    .forEach(buffer -> assertClose(buffer, expected, "momentum", "momentum."));
        }
    }

    /** Taps that only ever met padding in training count there. */
    private static void assertLargerImagesAreSeenAsPyTorchSeesThem(
            Network network, List<Tensor> weights, JsonNode expected) {
        int side = reference.path("larger").asInt();
        int size = reference.path("batch").asInt();
        double[] formula = Given.formula(5000, size * network.inputChannels() * side * side);
        byte[] pixels = new byte[formula.length];
        for (int k = 0; k < pixels.length; k++) {
            pixels[k] = (byte) Math.floor((formula[k] + 1) * 128);
        }
        ImageBatch batch = new ImageBatch(
                new BatchId("test", Split.TEST, 0, 0, 0),
                1,
                Encoding.UINT8,
                normalization(network),
                size,
                network.inputChannels(),
                side,
                side,
                ByteBuffer.wrap(pixels),
                new int[size],
                "");
        double tolerance = Math.max(
                1e-4,
                TIMES_FLOAT32_ERROR * expected.path("larger_float32_error").asDouble());
        try (Scorer scorer = Scorer.of(network, normalization(network), side, side, weights)) {
            Predictions found = scorer.score(batch);
            for (int n = 0; n < size; n++) {
                for (int k = 0; k < network.classes(); k++) {
                    assertThat(-found.loss(n, k))
                            .isCloseTo(
                                    expected.path("log_probabilities_larger")
                                            .get(n)
                                            .get(k)
                                            .asDouble(),
                                    within(tolerance));
                }
            }
        }
    }

    private static void assertClose(Tensor tensor, JsonNode expected, String kind, String prefix) {
        JsonNode summary = expected.path(kind).path(tensor.name().substring(prefix.length()));
        float[] values = Given.floats(tensor);
        double mean = 0;
        double square = 0;
        for (float value : values) {
            mean += value / (double) values.length;
            square += (double) value * value / values.length;
        }
        double scale = summary.get(1).asDouble();
        double tolerance =
                TIMES_FLOAT32_ERROR * expected.path("float32_error").path(kind).asDouble() * scale;
        assertThat(mean).as(tensor.name()).isCloseTo(summary.get(0).asDouble(), within(tolerance));
        assertThat(Math.sqrt(square)).as(tensor.name()).isCloseTo(scale, within(tolerance));
        int[] picked = {0, values.length / 3, values.length - 1};
        for (int k = 0; k < picked.length; k++) {
            assertThat((double) values[picked[k]])
                    .as(tensor.name() + "[" + picked[k] + "]")
                    .isCloseTo(summary.get(2 + k).asDouble(), within(tolerance));
        }
    }

    private static Network network(JsonNode expected) {
        Network.Stem stem = Network.Stem.valueOf(expected.path("stem").asText().toUpperCase(Locale.ROOT));
        return new Network("resnet18", stem, expected.path("channels").asInt(), Given.CLASSES);
    }

    private static Normalization normalization(Network network) {
        List<Double> mean = new ArrayList<>();
        List<Double> std = new ArrayList<>();
        for (int channel = 0; channel < network.inputChannels(); channel++) {
            mean.add(reference.path("mean").get(channel).asDouble());
            std.add(reference.path("std").get(channel).asDouble());
        }
        return Normalization.ofMeanStd(mean, std);
    }

    private static Learner learner(Network network, Recipe recipe) {
        return Learner.create(
                network, normalization(network), Given.SIDE, Given.SIDE, recipe, Given.compute(recipe), 7);
    }

    private static Recipe recipe(boolean channelsLast) {
        JsonNode recipe = reference.path("recipe");
        return Given.recipe(
                recipe.path("momentum").asDouble(),
                recipe.path("nesterov").asBoolean(),
                recipe.path("weight_decay").asDouble(),
                recipe.path("label_smoothing").asDouble(),
                Precision.FP32,
                channelsLast);
    }

    /** As {@code fill} in reference.py. */
    private static List<Tensor> weights(Network network) {
        List<Tensor> tensors = new ArrayList<>();
        int stream = 0;
        for (Weight weight : Networks.weights(network)) {
            double[] values = Given.formula(stream++, Math.toIntExact(weight.elements()));
            float[] floats = new float[values.length];
            for (int k = 0; k < values.length; k++) {
                floats[k] = (float) spread(weight, values[k]);
            }
            tensors.add(Given.tensor(weight.name(), weight.shape(), floats));
        }
        return tensors;
    }

    private static double spread(Weight weight, double value) {
        if (weight.shape().size() == 4) {
            long fanOut = weight.shape().get(0)
                    * weight.shape().get(2)
                    * weight.shape().get(3);
            return value * Math.sqrt(6.0 / fanOut);
        }
        if (weight.name().startsWith("fc.")) {
            return value * 0.04;
        }
        boolean aroundOne =
                weight.name().endsWith(".running_var") || weight.name().endsWith(".weight");
        return aroundOne ? 1.0 + 0.25 * value : 0.1 * value;
    }

    private static ImageBatch batch(Network network, int step) {
        int channels = network.inputChannels();
        int size = reference.path("batch").asInt();
        int side = Given.SIDE / TILE;
        double[] tiles = Given.formula(1000 + step, size * channels * side * side);
        double[] noise = Given.formula(3000 + step, size * channels * Given.SIDE * Given.SIDE);
        byte[] pixels = new byte[noise.length];
        for (int k = 0; k < pixels.length; k++) {
            int plane = k / (Given.SIDE * Given.SIDE);
            int row = k / Given.SIDE % Given.SIDE;
            int column = k % Given.SIDE;
            double tile = tiles[(plane * side + row / TILE) * side + column / TILE];
            pixels[k] = (byte) Math.floor((0.875 * tile + 0.125 * noise[k] + 1) * 128);
        }
        double[] labelValues = Given.formula(2000 + step, size);
        int[] labels = new int[size];
        for (int k = 0; k < size; k++) {
            labels[k] = (int) Math.floor((labelValues[k] + 1) * (Given.CLASSES / 2.0));
        }
        return Given.batch(step, channels, normalization(network), pixels, labels);
    }

    private static List<byte[]> images(ImageBatch batch) {
        List<byte[]> images = new ArrayList<>();
        for (int n = 0; n < batch.size(); n++) {
            byte[] image = new byte[batch.channels() * batch.height() * batch.width()];
            batch.images().slice(n * image.length, image.length).get(image);
            images.add(image);
        }
        return images;
    }
}
