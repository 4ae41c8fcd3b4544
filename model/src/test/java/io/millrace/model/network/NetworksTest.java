// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Network.Stem;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworksTest {
    private static final Network MNIST = new Network("resnet18", Stem.IMAGENET, 1, 10);

    /** The third is torchvision's own resnet18, whose documentation states the number. */
    @ParameterizedTest
    @CsvSource({
        "IMAGENET, 1, 10, 11175370",
        "CIFAR, 3, 10, 11173962",
        "IMAGENET, 3, 1000, 11689512",
    })
    void trainableParametersAreAsMany(Stem stem, int channels, int classes, long count) {
        List<Weight> weights = Networks.weights(new Network("resnet18", stem, channels, classes));

        assertThat(weights.stream()
                        .filter(Weight::trainable)
                        .mapToLong(Weight::elements)
                        .sum())
                .isEqualTo(count);
    }

    @Test
    void namesAreThoseOfTorchvisionInItsOrder() {
        List<String> expected = new ArrayList<>(List.of("conv1.weight"));
        expected.addAll(norm("bn1"));
        for (String block : List.of("1.0", "1.1", "2.0", "2.1", "3.0", "3.1", "4.0", "4.1")) {
            expected.add("layer" + block + ".conv1.weight");
            expected.addAll(norm("layer" + block + ".bn1"));
            expected.add("layer" + block + ".conv2.weight");
            expected.addAll(norm("layer" + block + ".bn2"));
            if (List.of("2.0", "3.0", "4.0").contains(block)) {
                expected.add("layer" + block + ".downsample.0.weight");
                expected.addAll(norm("layer" + block + ".downsample.1"));
            }
        }
        expected.addAll(List.of("fc.weight", "fc.bias"));

        assertThat(Networks.weights(MNIST)).extracting(Weight::name).isEqualTo(expected);
    }

    private static List<String> norm(String name) {
        return List.of(name + ".weight", name + ".bias", name + ".running_mean", name + ".running_var");
    }

    @Test
    void attributesCanBeTurnedBackIntoNames() {
        for (Weight weight : Networks.weights(MNIST)) {
            assertThat(weight.attribute()).matches("[a-z]\\w*");
            assertThat(weight.attribute().replace("__", ".")).isEqualTo(weight.name());
        }
    }

    @Test
    void freshWeightsAreSpreadAsInTorchvision() {
        List<Tensor> weights = Networks.initialWeights(MNIST, 1);

        for (Tensor weight : weights) {
            double[] moments = moments(weight);
            String name = weight.name();
            if (weight.shape().size() == 4) {
                double deviation = Math.sqrt(2.0
                        / (weight.shape().get(0)
                                * weight.shape().get(2)
                                * weight.shape().get(3)));
                double error = deviation / Math.sqrt(weight.elements());
                assertThat(moments[0]).as(name + " mean").isCloseTo(0, within(5 * error));
                assertThat(moments[1]).as(name + " deviation").isCloseTo(deviation, within(5 * error));
            } else if (name.startsWith("fc.")) {
                double bound = 1 / Math.sqrt(512);
                assertThat(moments[2]).as(name + " largest").isBetween(0.5 * bound, bound);
            } else {
                double constant = name.endsWith(".weight") || name.endsWith(".running_var") ? 1 : 0;
                assertThat(moments).as(name).startsWith(constant, 0);
            }
        }
    }

    /** Mean, standard deviation and largest absolute value. */
    private static double[] moments(Tensor tensor) {
        FloatBuffer values = tensor.data().asFloatBuffer();
        double sum = 0;
        double squares = 0;
        double largest = 0;
        while (values.hasRemaining()) {
            double value = values.get();
            sum += value;
            squares += value * value;
            largest = Math.max(largest, Math.abs(value));
        }
        double mean = sum / tensor.elements();
        return new double[] {mean, Math.sqrt(Math.max(0, squares / tensor.elements() - mean * mean)), largest};
    }

    @Test
    void equalSeedsGiveEqualWeightsAndOthersDoNot() {
        assertThat(Networks.initialWeights(MNIST, 5)).isEqualTo(Networks.initialWeights(MNIST, 5));
        assertThat(Networks.initialWeights(MNIST, 6).get(0))
                .isNotEqualTo(Networks.initialWeights(MNIST, 5).get(0));
    }

    @Test
    void theFirstWeightsOfSeedOneNeverChange() {
        // As Java's specification of Random.nextGaussian has it: seed 1 begins with 1.561581...
        float deviation = (float) Math.sqrt(2.0 / (64 * 49));

        float first = Networks.initialWeights(MNIST, 1).get(0).data().getFloat();

        assertThat(first / deviation).isCloseTo(1.561581f, within(1e-5f));
    }

    @Test
    void whatCannotBeBuiltIsRefusedByName() {
        assertRefused(new Network("alexnet", Stem.CIFAR, 1, 10), "alexnet", "resnet18");
        assertRefused(new Network("resnet18", null, 1, 10), "stem", "imagenet", "cifar");
        assertRefused(new Network("resnet18", Stem.CIFAR, 0, 10), "channel", "0");
        assertRefused(new Network("resnet18", Stem.CIFAR, 1, 1), "classes", "1");
    }

    private static void assertRefused(Network network, String... parts) {
        assertThatThrownBy(() -> Networks.requireKnown(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts);
    }
}
