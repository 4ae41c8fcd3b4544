// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.ResidualLayout.Order;
import io.millrace.contracts.event.ResidualLayout.Pool;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.graph.EvidenceMap;
import io.millrace.model.graph.Folding;
import io.millrace.model.graph.FrozenNorms;
import io.millrace.model.graph.Graph;
import io.millrace.model.graph.Node;
import io.millrace.model.graph.PoolBeforeRelu;
import io.millrace.model.network.Description;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The evidence that is written as nodes is value times gradient, by torch's autograd. */
class EvidenceTest {
    private static final Normalization NORMALIZATION =
            Normalization.ofMeanStd(List.of(0.4, 0.5, 0.6), List.of(0.2, 0.3, 0.4));
    private static final int CLASSES = 3;

    private static Network network(Block block, Network.Stem stem, Pool pool, Order order) {
        ResidualLayout layout = new ResidualLayout(block, List.of(1, 1, 1), List.of(4, 6, 8), 4, pool, order, 0.5);
        return new Network("narrow", stem, 3, CLASSES, layout);
    }

    /** Every layer that there is; sizes at which windows overlap, meet padding, or leave pixels over. */
    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of(network(Block.BASIC, Network.Stem.IMAGENET, Pool.AVERAGE, null), 45, 38),
                Arguments.of(network(Block.BASIC, Network.Stem.CIFAR, Pool.MAX, null), 21, 24),
                Arguments.of(network(Block.BOTTLENECK, Network.Stem.IMAGENET, Pool.AVERAGE, null), 64, 64),
                Arguments.of(network(Block.POOLED, Network.Stem.CIFAR, Pool.MAX, null), 41, 44),
                Arguments.of(network(Block.POOLED, Network.Stem.IMAGENET, Pool.AVERAGE, Order.POOL_RELU_NORM), 63, 70));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void itIsWhatAutogradSays(Network network, int height, int width) {
        List<Tensor> weights = weights(network);
        byte[] image = image(height, width);
        try (Explainer explainer = Explainer.of(network, NORMALIZATION, height, width, weights, 1)) {
            for (int label = 0; label < CLASSES; label++) {
                List<float[]> expected = byAutograd(network, height, width, weights, image, label, explainer.maps());
                List<float[]> evidence = explainer.evidence(image, label);

                assertThat(evidence).hasSameSizeAs(expected);
                for (int map = 0; map < evidence.size(); map++) {
                    float largest = 0;
                    for (float value : expected.get(map)) {
                        largest = Math.max(largest, Math.abs(value));
                    }
                    assertThat(largest).isPositive();
                    assertThat(evidence.get(map)).containsExactly(expected.get(map), within(1e-4f * largest));
                }
            }
        }
    }

    @Test
    void theClassActivationMapAddsUpToTheLogit() {
        Network network = network(Block.BASIC, Network.Stem.CIFAR, Pool.AVERAGE, null);
        List<Tensor> weights = weights(network);
        byte[] image = image(24, 24);
        try (Explainer explainer = Explainer.of(network, NORMALIZATION, 24, 24, weights, 1);
                Classifier classifier = Classifier.of(network, NORMALIZATION, 24, 24, weights)) {
            float[] probabilities = classifier.probabilities(List.of(image))[0];
            float[] bias = Given.floats(Given.named(weights, "fc.bias"));
            double[] logits = new double[CLASSES];
            for (int label = 0; label < CLASSES; label++) {
                List<float[]> evidence = explainer.evidence(image, label);
                // The factor 0.5 of the logits scales the bias, too.
                logits[label] = 0.5 * bias[label];
                for (float value : evidence.get(evidence.size() - 1)) {
                    logits[label] += value;
                }
            }

            for (int label = 1; label < CLASSES; label++) {
                assertThat(logits[label] - logits[0])
                        .isCloseTo(Math.log(probabilities[label] / probabilities[0]), within(1e-4));
            }
        }
    }

    @Test
    void ofEachSizeTheMapNextToTheAnswerIsAskedUnlessItIsTooSmallToTell() {
        Network network = new Network("resnet18", Network.Stem.IMAGENET, 1, 10);

        assertThat(maps(network, 28)).containsExactly("14 from 0.0 every 2.0", "7 from 0.0 every 4.0");
        assertThat(maps(network, 224))
                .containsExactly(
                        "112 from 0.0 every 2.0",
                        "56 from 0.0 every 4.0",
                        "28 from 0.0 every 8.0",
                        "14 from 0.0 every 16.0",
                        "7 from 0.0 every 32.0");
        assertThat(maps(network, 4)).containsExactly("2 from 0.0 every 2.0");
        assertThat(maps(new Network("resnet9", Network.Stem.CIFAR, 1, 10), 28))
                .containsExactly("28 from 0.0 every 1.0", "14 from 0.5 every 2.0", "7 from 1.5 every 4.0");
    }

    private static List<String> maps(Network network, int side) {
        Graph graph = PoolBeforeRelu.of(
                Folding.of(Graph.of(Networks.describe(network), side, side)).graph());
        return EvidenceMap.of(graph).stream()
                .map(map -> map.shape().height() + " from " + map.first() + " every " + map.apart())
                .toList();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Network network = network(Block.BASIC, Network.Stem.CIFAR, Pool.AVERAGE, null);
        try (Explainer explainer = Explainer.of(network, NORMALIZATION, 24, 24, weights(network), 1)) {
            assertThatThrownBy(() -> explainer.explain(new byte[24 * 24], 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("576 bytes", "3x24x24");
            assertThatThrownBy(() -> explainer.explain(image(24, 24), CLASSES))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("class 3", "the 3");
        }
    }

    private static List<float[]> byAutograd(
            Network network,
            int height,
            int width,
            List<Tensor> weights,
            byte[] image,
            int label,
            List<EvidenceMap> maps) {
        Folding folding = Folding.of(Graph.of(Networks.describe(network), height, width));
        // In training mode, without which there is no autograd, and with the statistics all the same.
        Graph graph = FrozenNorms.of(PoolBeforeRelu.of(folding.graph()), name -> true);
        String method = method(graph, maps, label);
        try (ScriptModule module = ScriptModule.load(
                Archives.of(graph.held(), Weight::trainable, method, folding.weights(weights), false), true)) {
            ByteBuffer pixels = ScriptModule.direct(image.length * Float.BYTES);
            for (int k = 0; k < image.length; k++) {
                pixels.putFloat(NORMALIZATION.apply(k / (height * width), image[k] & 0xff));
            }
            try (ScriptModule.Call call = module.call("evidence", true)) {
                return call.floats(pixels.flip(), 1, 3, height, width).read().stream()
                        .map(EvidenceTest::floats)
                        .toList();
            }
        }
    }

    private static String method(Graph graph, List<EvidenceMap> maps, int label) {
        StatementWriter out = new StatementWriter(false);
        List<String> values = new ArrayList<>();
        for (Node node : graph.nodes()) {
            List<Operand> operands = node.inputs().stream()
                    .map(input -> new Operand(input == Description.IMAGE ? Graph.INPUT : values.get(input), false))
                    .toList();
            values.add(node.layer().write(out, operands));
        }
        String score = out.value("torch.sum(torch.select(%s, 1, %d))", values.get(values.size() - 1), label);
        String asked = maps.stream().map(map -> values.get(map.node())).collect(Collectors.joining(", "));
        String found = out.value("torch.grad([%s], [%s], None, None, False, False)", score, asked);
        List<String> sums = new ArrayList<>();
        for (int k = 0; k < maps.size(); k++) {
            sums.add(out.value(
                    "torch.detach(torch.sum(torch.mul(%s, unchecked_cast(Tensor, %s[%d])), [1], True))",
                    values.get(maps.get(k).node()), found, k));
        }
        return """
                  def evidence(self: __torch__.Net,
                    image: Tensor) -> List[Tensor]:
                %s    return %s
                """.formatted(out.statements(), sums);
    }

    private static float[] floats(ByteBuffer buffer) {
        float[] values = new float[buffer.remaining() / Float.BYTES];
        buffer.order(ByteOrder.nativeOrder()).asFloatBuffer().get(values);
        return values;
    }

    /** Fresh ones, with statistics that are not those of fresh ones. */
    private static List<Tensor> weights(Network network) {
        SplittableRandom random = new SplittableRandom(3);
        return Networks.initialWeights(network, 3).stream()
                .map(tensor -> {
                    if (tensor.shape().size() != 1) {
                        return tensor;
                    }
                    float[] values = new float[(int) tensor.elements()];
                    for (int k = 0; k < values.length; k++) {
                        values[k] = 0.5f + random.nextFloat();
                    }
                    return Given.tensor(tensor.name(), tensor.shape(), values);
                })
                .toList();
    }

    private static byte[] image(int height, int width) {
        byte[] image = new byte[3 * height * width];
        new SplittableRandom(height).nextBytes(image);
        return image;
    }
}
