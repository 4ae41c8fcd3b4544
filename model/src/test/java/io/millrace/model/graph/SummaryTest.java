// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Network.Stem;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.model.graph.Summary.Row;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Shape;
import io.millrace.model.network.Weight;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SummaryTest {
    private static Summary summary(String name, Stem stem, int channels, int classes, int side) {
        Network network = new Network(name, stem, channels, classes);
        return Summary.of(network, side, side, 128);
    }

    /** As torchvision's documentation states them, in billions: 1.81, 3.66, 4.09, 7.8, 11.51. */
    @ParameterizedTest
    @CsvSource({
        "resnet18, 11689512, 1.81",
        "resnet34, 21797672, 3.66",
        "resnet50, 25557032, 4.09",
        "resnet101, 44549160, 7.80",
        "resnet152, 60192808, 11.51"
    })
    void parametersAndMultiplyAddsAreThoseOfTorchvision(String name, long parameters, double billions) {
        Summary summary = summary(name, Stem.IMAGENET, 3, 1000, 224);

        assertThat(summary.parameters()).isEqualTo(parameters);
        assertThat(summary.live()).isEqualTo(parameters);
        assertThat(Math.round(summary.multiplyAdds() / 1e7) / 100.0).isEqualTo(billions);
    }

    @Test
    void smallImagesReachAPartOfTheParametersOnly() {
        Summary summary = summary("resnet18", Stem.IMAGENET, 1, 10, 28);

        Row last = row(summary, "layer4.1.conv2");
        assertThat(last.output()).isEqualTo(new Shape(512, 1, 1));
        assertThat(last.sees()).isEqualTo(435);
        assertThat(last.parameters()).isEqualTo(512 * 512 * 9);
        assertThat(last.live()).isEqualTo(512 * 512);
        assertThat(summary.parameters()).isEqualTo(11_175_370);
        assertThat(summary.live()).isEqualTo(4_228_554);
    }

    private static Row row(Summary summary, String name) {
        return summary.rows().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void memoryIsWhatIsHeldAndWhatTheWayBackNeeds() {
        TrainingMemory memory = summary("resnet18", Stem.CIFAR, 3, 10, 32).memory();

        assertThat(memory.optimizer()).isEqualTo(2 * 4 * 11_173_962L);
        // Convolution and norm of five layers in each of four stages, the stem among them; each stage has half the
        // numbers.
        long numbers = 2 * 5 * (65_536 + 32_768 + 16_384 + 8_192) + 512 + 10 + 3 * 32 * 32;
        assertThat(memory.activations()).isEqualTo(128 * 4 * numbers);
        assertThat(memory.passing()).isEqualTo(4 * 128 * 4 * 65_536L);
        assertThat(memory.host())
                .isEqualTo(3
                        * 4
                        * Networks.weights(new Network("resnet18", Stem.CIFAR, 3, 10)).stream()
                                .mapToLong(Weight::elements)
                                .sum());
        assertThat(memory.total())
                .isEqualTo(memory.weights()
                        + memory.optimizer()
                        + memory.activations()
                        + memory.passing()
                        + memory.host());
        assertThat(memory.onDevice()).isEqualTo(memory.total() - memory.host());
        assertThat(memory.imagesIn(memory.total())).isEqualTo(128);
        assertThat(memory.imagesIn(0)).isZero();
    }

    @Test
    void halvesTakeLessAndWhatIsFrozenKeepsNothingForAWayBack() {
        Graph graph = Graph.of(Networks.describe(new Network("resnet18", Stem.CIFAR, 3, 10)), 32, 32);
        TrainingMemory whole = TrainingMemory.of(graph, 128, false, 1, Weight::trainable);

        TrainingMemory halves = TrainingMemory.of(graph, 128, true, 1, Weight::trainable);
        TrainingMemory head =
                TrainingMemory.of(graph, 128, false, 2, weight -> weight.name().startsWith("fc."));

        assertThat(halves.activations()).isEqualTo(whole.activations() / 2);
        assertThat(halves.weights()).isEqualTo(whole.weights() * 3 / 2);
        assertThat(head.activations()).isEqualTo(128 * 4 * (512 + 10));
        assertThat(head.optimizer()).isEqualTo(3 * 4 * (512 * 10 + 10));
        assertThat(head.passing()).isEqualTo(whole.passing());
    }

    @Test
    void theTableHasALineForEachLayerAndForAll() {
        Summary summary = summary("resnet9", Stem.CIFAR, 3, 10, 32);

        assertThat(summary.text().lines())
                .startsWith("resnet9, stem cifar, images of 3x32x32, 10 classes")
                .hasSize(2 + 2 + summary.rows().size() + 2 + 1 + 5)
                .anySatisfy(line -> assertThat(line).matches("prep.conv +Conv2d +64x32x32 +3 +1,728 +100% +1,769,472"))
                .anySatisfy(line -> assertThat(line).startsWith("all").contains("6,573,120"))
                .anySatisfy(line -> assertThat(line).contains("for training with batches of 128"));
    }

    @Test
    void anImageThatIsTooSmallIsRefusedWithTheLayer() {
        assertThatThrownBy(() -> summary("resnet9", Stem.CIFAR, 3, 10, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("3x7x7", "MaxPool2d", "too small");
    }

    /** The smallest image is known without a graph, so that an order can be refused by who has none. */
    @ParameterizedTest
    @CsvSource({"0", "1", "2", "3", "4", "5"})
    void theSmallestImageOfALayoutGoesThroughAndTheNextSmallerDoesNot(int stages) {
        List<NetworkFile> files = Stream.concat(
                        Stream.of(Stem.values()).flatMap(stem -> Stream.of("basic", "bottleneck", "pooled")
                                .map(block -> NetworkFile.read(
                                        "{\"block\": \"" + block + "\", \"depths\": [1" + ", 1".repeat(stages)
                                                + "], \"widths\": [1" + ", 1".repeat(stages) + "]}",
                                        stem))),
                        NamedNetworks.NAMES.stream().map(name -> NetworkFile.of(TextNode.valueOf(name), null)))
                .toList();

        for (NetworkFile file : files) {
            int least = file.structure().smallestSide(file.stem());
            Network network = file.network(new ImageShape(1, least, least + 1), 2);
            assertThat(Summary.of(network, least, least + 1, 1).parameters()).isPositive();
            if (least > 1) {
                assertThatThrownBy(() -> Summary.of(network, least - 1, least, 1))
                        .as(file.toString())
                        .hasMessageContaining("too small");
            }
        }
    }

    @Test
    void theCatalogHasThemAllAndSaysWhichCannotTakeSuchImages() {
        Catalog catalog = Catalog.of(new ImageShape(3, 7, 7), 10, null, 128);

        assertThat(catalog.entries()).extracting(Catalog.Entry::name).isEqualTo(NamedNetworks.NAMES);
        assertThat(catalog.entries().get(0).parameters()).isEqualTo(11_181_642);
        assertThat(catalog.text().lines())
                .anySatisfy(line -> assertThat(line).matches("resnet18 +imagenet +11,181,642 +\\d+% .* MiB"))
                .anySatisfy(line -> assertThat(line).matches("resnet9 +cifar +needs at least 8 pixels a side"));
        assertThat(Catalog.of(new ImageShape(3, 7, 7), 10, Stem.CIFAR, 128).entries())
                .extracting(Catalog.Entry::stem)
                .containsOnly(Stem.CIFAR);
    }
}
