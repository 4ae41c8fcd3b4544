// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Network.Stem;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Classifier;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.network.Networks;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With weights that torchvision wrote, see {@code transfer.py}. */
class AdaptationTest {
    private static final String FIRST = "conv1.weight";

    private static Network network(Stem stem, int channels, int classes) {
        ResidualLayout layout = new ResidualLayout(Block.BASIC, List.of(1, 1), List.of(4, 8), null, null, null, null);
        return new Network("small", stem, channels, classes, layout);
    }

    private static List<Tensor> given(String file) throws IOException {
        try (InputStream in = AdaptationTest.class.getResourceAsStream(file)) {
            return List.copyOf(
                    Safetensors.parse(ByteBuffer.wrap(in.readAllBytes())).tensors());
        }
    }

    private static List<Tensor> given() throws IOException {
        return given("small.safetensors");
    }

    private static Tensor named(List<Tensor> tensors, String name) {
        return tensors.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Adaptation adapted(Network network) throws IOException {
        return Adaptation.of(network, 7, given());
    }

    @Test
    void weightsThatFitAreTakenAsTheyAre() throws IOException {
        Adaptation adapted = adapted(network(Stem.IMAGENET, 3, 5));

        assertThat(adapted.said()).isEmpty();
        List<Tensor> given = given();
        assertThat(adapted.weights()).allSatisfy(weight -> assertThat(weight).isEqualTo(named(given, weight.name())));
        assertThat(adapted.weights())
                .extracting(Tensor::name)
                .containsExactlyElementsOf(Networks.weights(network(Stem.IMAGENET, 3, 5)).stream()
                        .map(weight -> weight.name())
                        .toList());
    }

    /** Summed over the channels, the network says of a grey picture what torchvision's says of the same in three colours. */
    @Test
    void summedOverColoursItSeesGreyAsBefore() throws IOException {
        Adaptation adapted = adapted(network(Stem.IMAGENET, 1, 5));

        assertThat(adapted.said()).containsExactly("conv1.weight of 3 channels is summed to 1");
        assertSeesAsTorchvision(1, adapted.weights());
    }

    @Test
    void spreadOverColoursAgainItStillDoes() throws IOException {
        List<Tensor> grey = adapted(network(Stem.IMAGENET, 1, 5)).weights();

        Adaptation adapted = Adaptation.of(network(Stem.IMAGENET, 3, 5), 7, grey);

        assertThat(adapted.said()).containsExactly("conv1.weight of 1 channel is spread over 3, a third each");
        assertSeesAsTorchvision(3, adapted.weights());
    }

    private static void assertSeesAsTorchvision(int channels, List<Tensor> weights) throws IOException {
        JsonNode expected;
        try (InputStream in = AdaptationTest.class.getResourceAsStream("small.json")) {
            expected = new ObjectMapper().readTree(in);
        }
        int pixels = expected.path("pixels").size();
        byte[] image = new byte[channels * pixels];
        for (int k = 0; k < image.length; k++) {
            image[k] = (byte) expected.path("pixels").get(k % pixels).asInt();
        }
        double[] exponentials = new double[5];
        double sum = 0;
        for (int k = 0; k < exponentials.length; k++) {
            exponentials[k] = Math.exp(expected.path("logits").get(k).asDouble());
            sum += exponentials[k];
        }
        Normalization plain = Normalization.ofMeanStd(
                List.of(0.0, 0.0, 0.0).subList(0, channels),
                List.of(1.0, 1.0, 1.0).subList(0, channels));
        try (Classifier classifier = Classifier.of(network(Stem.IMAGENET, channels, 5), plain, 16, 16, weights)) {
            float[] probabilities = classifier.probabilities(List.of(image))[0];
            for (int k = 0; k < exponentials.length; k++) {
                assertThat((double) probabilities[k]).isCloseTo(exponentials[k] / sum, within(1e-5));
            }
        }
    }

    @Test
    void aHeadOfOtherClassesIsBegunAnewAndNothingElse() throws IOException {
        Network ten = network(Stem.IMAGENET, 3, 10);

        Adaptation adapted = adapted(ten);

        assertThat(adapted.said())
                .containsExactly("fc is begun anew: the weights have it as [5, 8], 10 classes need [10, 8]");
        assertThat(named(adapted.weights(), "fc.weight"))
                .isEqualTo(named(Networks.initialWeights(ten, 7), "fc.weight"));
        assertThat(named(adapted.weights(), "fc.bias")).isEqualTo(named(Networks.initialWeights(ten, 7), "fc.bias"));
        assertThat(named(adapted.weights(), "layer2.0.bn2.running_var"))
                .isEqualTo(named(given(), "layer2.0.bn2.running_var"));
    }

    @Test
    void aFileWithoutAHeadIsTakenAndSaid() throws IOException {
        List<Tensor> headless =
                given().stream().filter(each -> !each.name().startsWith("fc.")).toList();

        assertThat(Adaptation.of(network(Stem.IMAGENET, 3, 5), 7, headless).said())
                .containsExactly("fc is begun anew: the weights have none");
    }

    @ParameterizedTest
    @CsvSource({"small-bf16.safetensors, BF16, 0.004", "small-f16.safetensors, F16, 0.0005"})
    void halvesAreConverted(String file, String type, double relative) throws IOException {
        Adaptation adapted = Adaptation.of(network(Stem.IMAGENET, 3, 5), 7, given(file));

        assertThat(adapted.said()).containsExactly("weights were converted from [" + type + "] to F32");
        for (Tensor weight : adapted.weights()) {
            ByteBuffer exact = named(given(), weight.name()).data();
            ByteBuffer converted = weight.data();
            while (exact.hasRemaining()) {
                float value = exact.getFloat();
                assertThat(converted.getFloat()).isCloseTo(value, within((float) (Math.abs(value) * relative + 1e-7)));
            }
        }
    }

    @Test
    void everyHalfIsTheNumberThatItStandsFor() {
        short[] halves = {0x0000, (short) 0x8000, 0x0001, 0x03ff, 0x0400, 0x3c00, (short) 0xc000, 0x7bff};
        ByteBuffer data = ByteBuffer.allocate(2 * halves.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asShortBuffer().put(halves);

        Tensor floats = FloatTensors.of(new Tensor("x", DType.F16, List.of(8L), data));

        float[] values = new float[halves.length];
        floats.data().asFloatBuffer().get(values);
        assertThat(values).containsExactly(0f, -0f, 0x1p-24f, 1023 * 0x1p-24f, 0x1p-14f, 1f, -2f, 65504f);
    }

    private static void assertRefused(Network network, UnaryOperator<Tensor> change, String... said)
            throws IOException {
        List<Tensor> changed = new ArrayList<>();
        given().forEach(tensor -> changed.add(change.apply(tensor)));
        assertThatThrownBy(() -> Adaptation.of(network, 7, changed))
                .isInstanceOf(RefusedRequestException.class)
                .hasMessageContainingAll(said);
    }

    @Test
    void namesThatDoNotFitAreListedWithTheNearest() throws IOException {
        assertRefused(
                network(Stem.IMAGENET, 3, 5),
                each -> new Tensor("module." + each.name(), each.dtype(), each.shape(), each.data()),
                "the weights do not fit small: the network has no \"module.bn1.bias\" (nearest: \"bn1.bias\")",
                "and 27 more; the file lacks \"conv1.weight\" (nearest: \"module.conv1.weight\")",
                "order the network that they belong to, or rename them");
    }

    @Test
    void aNumberThatIsNoneIsRefused() throws IOException {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            assertRefused(
                    network(Stem.IMAGENET, 3, 5),
                    each -> {
                        if (!each.name().equals("layer1.0.bn2.weight")) {
                            return each;
                        }
                        ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
                        data.putFloat(4, bad);
                        return new Tensor(each.name(), each.dtype(), each.shape(), data);
                    },
                    "weight \"layer1.0.bn2.weight\" holds " + bad + " as element 1; nothing can be learnt from there");
        }
    }

    @Test
    void weightsThatAreNoFloatingPointNumbersAreRefused() throws IOException {
        assertRefused(
                network(Stem.IMAGENET, 3, 5),
                each -> each.name().equals("bn1.bias")
                        ? new Tensor(each.name(), DType.I8, each.shape(), ByteBuffer.allocate(4))
                        : each,
                "weight \"bn1.bias\" is I8; it must be F32");
    }

    @Test
    void anotherStemIsRefusedWithTheOneThatFits() throws IOException {
        assertRefused(
                network(Stem.CIFAR, 3, 5),
                each -> each,
                "weight \"conv1.weight\" is [4, 3, 7, 7], small with the stem cifar has it as [4, 3, 3, 3]",
                "order the stem imagenet (7x7)");
        assertRefused(
                network(Stem.IMAGENET, 3, 5),
                each -> each.name().equals(FIRST)
                        ? new Tensor(FIRST, DType.F32, List.of(4L, 3L, 3L, 3L), ByteBuffer.allocate(432))
                        : each,
                "order the stem cifar (3x3)");
    }

    @Test
    void imagesOfOtherChannelsThanOneAndThreeAreRefused() throws IOException {
        assertRefused(
                network(Stem.IMAGENET, 4, 5),
                each -> each,
                "weight \"conv1.weight\" is for images of 3 channels, these have 4; 3 can be made 1");
    }

    @Test
    void otherShapesAreRefused() throws IOException {
        assertRefused(
                network(Stem.IMAGENET, 3, 5),
                each -> each.name().equals("bn1.bias")
                        ? new Tensor(each.name(), DType.F32, List.of(5L), ByteBuffer.allocate(20))
                        : each,
                "weight \"bn1.bias\" is [5], small has it as [4]; order the network that the weights belong to");
    }
}
