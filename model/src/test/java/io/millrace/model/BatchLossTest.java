// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Against torch, by {@code loss.py}: the last layer has weights of 0, so that the logits of each image are its biases, and a
 * step of gradient descent at a rate of 1 takes the gradient off them.
 */
class BatchLossTest {
    private static final int SIDE = 16;
    private static final Network NETWORK = NetworkFile.read(
                    "{\"block\": \"basic\", \"depths\": [1], \"widths\": [8], \"stem\": \"cifar\"}", null)
            .network(new ImageShape(1, SIDE, SIDE), 4);
    private static final JsonNode TORCH = read();

    private static JsonNode read() {
        try (InputStream in = BatchLossTest.class.getResourceAsStream("loss.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<JsonNode> cases() {
        List<JsonNode> cases = new ArrayList<>();
        TORCH.get("cases").forEach(cases::add);
        return cases.stream();
    }

    private static float[] floats(JsonNode list) {
        List<Double> values = new ArrayList<>();
        list.forEach(value -> {
            if (value.isArray()) {
                value.forEach(inner -> values.add(inner.asDouble()));
            } else {
                values.add(value.asDouble());
            }
        });
        float[] floats = new float[values.size()];
        IntStream.range(0, floats.length).forEach(k -> floats[k] = values.get(k).floatValue());
        return floats;
    }

    private static Recipe recipe(boolean soft, boolean weighted, double smoothing, int slices) {
        return Given.recipe("{\"batchSize\": 6, \"accumulate\": " + slices + ", \"labelSmoothing\": " + smoothing
                + ", \"optimizer\": {\"momentum\": 0, \"nesterov\": false, \"weightDecay\": 0}"
                + (weighted ? ", \"classWeights\": \"balanced\"" : "")
                + (soft ? ", \"augmentation\": {\"mixUp\": {}}" : "") + "}");
    }

    private static ImageBatch batch(float[] softLabels, float[] weights) {
        byte[] pixels = new byte[6 * SIDE * SIDE];
        IntStream.range(0, pixels.length).forEach(k -> pixels[k] = (byte) (k * 37 + k / 11));
        int[] labels = IntStream.range(0, 6)
                .map(k -> TORCH.get("labels").get(k).asInt())
                .toArray();
        return new ImageBatch(
                new BatchId("test", Split.TRAIN, 0, 0, 0),
                1,
                Encoding.UINT8,
                Given.NORMALIZATION,
                6,
                1,
                SIDE,
                SIDE,
                ByteBuffer.wrap(pixels),
                labels,
                "",
                softLabels,
                weights);
    }

    private static Learner learner(Recipe recipe, Precision precision) {
        List<Tensor> weights = new ArrayList<>();
        try (Learner fresh =
                Learner.create(NETWORK, Given.NORMALIZATION, SIDE, SIDE, recipe, Torch.compute(precision, true), 1)) {
            fresh.weights().forEach(weights::add);
        }
        weights.replaceAll(weight -> switch (weight.name()) {
            case "fc.weight" -> tensor(weight, new float[Math.toIntExact(weight.elements())]);
            case "fc.bias" -> tensor(weight, floats(TORCH.get("bias")));
            default -> weight;
        });
        return Learner.create(
                NETWORK, Given.NORMALIZATION, SIDE, SIDE, recipe, Torch.compute(precision, true), weights);
    }

    private static Tensor tensor(Tensor like, float[] values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Tensor(like.name(), DType.F32, like.shape(), data);
    }

    private static float[] bias(Learner learner) {
        Tensor bias = learner.weights().stream()
                .filter(weight -> weight.name().equals("fc.bias"))
                .findFirst()
                .orElseThrow();
        float[] values = new float[4];
        bias.data().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lossAndGradientAreTorchs(JsonNode of) {
        boolean soft = of.get("soft").asBoolean();
        boolean weighted = of.get("weighted").asBoolean();
        ImageBatch batch =
                batch(soft ? floats(TORCH.get("softLabels")) : null, weighted ? floats(of.get("weights")) : null);
        try (Learner learner =
                learner(recipe(soft, weighted, of.get("smoothing").asDouble(), 1), Precision.FP32)) {
            learner.step(List.of(batch), 1);

            assertThat(learner.stats().loss()).isCloseTo(of.get("loss").asDouble(), within(1e-6));
            float[] before = floats(TORCH.get("bias"));
            float[] after = bias(learner);
            for (int k = 0; k < 4; k++) {
                assertThat(before[k] - after[k])
                        .isCloseTo((float) of.get("gradient").get(k).asDouble(), within(1e-6f));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = Precision.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void shardsAndSlicesAreCutWithTheirSoftLabelsAndWeights(Precision precision) {
        ImageBatch batch = batch(floats(TORCH.get("softLabels")), new float[] {1, 1, 1, 1, 1, 1});
        Recipe whole = recipe(true, true, 0.1, 1);
        Recipe sliced = recipe(true, true, 0.1, 3);
        try (Learner one = learner(whole, precision);
                Learner three = learner(sliced, precision)) {
            one.step(List.of(batch), 1);
            three.step(List.of(batch.images(0, 3), batch.images(3, 3)), 1);

            assertThat(three.stats().loss()).isCloseTo(one.stats().loss(), within(1e-3));
            assertThat(bias(three)).containsExactly(bias(one), within(1e-3f));
        }
    }

    @Test
    void whatTheRecipeAsksForIsNeededAndNothingElseIsPassedOver() {
        float[] soft = floats(TORCH.get("softLabels"));
        float[] weights = {1, 1, 1, 1, 1, 1};
        try (Learner hard = learner(recipe(false, false, 0, 1), Precision.FP32);
                Learner both = learner(recipe(true, true, 0, 1), Precision.FP32)) {
            assertRefused(hard, batch(soft, null), "has soft labels of 4 classes, the recipe asks for none");
            assertRefused(hard, batch(null, weights), "has weights, the recipe asks for none");
            assertRefused(both, batch(null, weights), "has soft labels of 0 classes, the recipe asks for 4");
            assertRefused(both, batch(new float[] {1, 1, 1, 1, 1, 1}, weights), "has soft labels of 1 classes");
            assertRefused(both, batch(soft, null), "has no weights, the recipe asks for some");
        }
    }

    private static void assertRefused(Learner learner, ImageBatch batch, String why) {
        assertThatThrownBy(() -> learner.step(List.of(batch), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batch " + batch.id())
                .hasMessageContaining(why);
    }
}
