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
import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each network against torchvision, or against what was written after its description: {@code networks.json} was written
 * by {@code networks.py}.
 */
class NetworksReferenceTest {
    /** The tutorials' residual network as a layout. */
    private static final ResidualLayout TUTORIAL =
            new ResidualLayout(Block.BASIC, List.of(3, 3, 6, 3), null, null, null, null, null);

    static Stream<JsonNode> cases() throws IOException {
        try (InputStream in = NetworksReferenceTest.class.getResourceAsStream("networks.json")) {
            List<JsonNode> cases = new ArrayList<>();
            new ObjectMapper().readTree(in).path("cases").forEach(cases::add);
            return cases.stream();
        }
    }

    private static Network network(JsonNode expected) {
        String name = expected.path("name").asText();
        return new Network(
                name,
                Network.Stem.valueOf(expected.path("stem").asText().toUpperCase(Locale.ROOT)),
                expected.path("channels").asInt(),
                expected.path("classes").asInt(),
                NamedNetworks.known(name) ? null : TUTORIAL);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void namesShapesAndLogitsAreTheSame(JsonNode expected) {
        // Given
        Network network = network(expected);
        List<Weight> weights = Networks.weights(network);
        assertThat(weights.stream()
                        .filter(Weight::trainable)
                        .mapToLong(Weight::elements)
                        .sum())
                .isEqualTo(expected.path("parameters").asLong());
        assertThat(digestOfNames(weights))
                .isEqualTo(expected.path("names_sha256").asText());
        List<Tensor> values = filled(weights);

        for (Map.Entry<String, JsonNode> rows :
                expected.path("log_probabilities").properties()) {
            // When
            int size = Integer.parseInt(rows.getKey());
            ImageBatch batch = batch(network, rows.getValue().size(), size);
            for (ScoringEngine engine : ScoringEngine.values()) {
                Predictions found;
                try (Scorer scorer = Scorer.of(engine, network, batch.normalization(), size, size, values)) {
                    found = scorer.score(batch);
                }

                // Then
                for (int n = 0; n < batch.size(); n++) {
                    for (int k = 0; k < network.classes(); k++) {
                        assertThat(-found.loss(n, k))
                                .as("%s, %d pixels, image %d, class %d", engine, size, n, k)
                                .isCloseTo(rows.getValue().get(n).get(k).asDouble(), within(1e-4));
                    }
                }
            }
        }
    }

    private static String digestOfNames(List<Weight> weights) {
        String names = weights.stream()
                .map(weight -> weight.name() + " " + weight.shape())
                .collect(Collectors.joining("\n"));
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(names.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@code fill} in networks.py. */
    private static List<Tensor> filled(List<Weight> weights) {
        boolean bottleneck = weights.stream().anyMatch(weight -> weight.name().contains(".bn3."));
        String last = bottleneck ? ".bn3.weight" : ".bn2.weight";
        List<Tensor> tensors = new ArrayList<>();
        for (int stream = 0; stream < weights.size(); stream++) {
            Weight weight = weights.get(stream);
            double[] formula = Given.formula(stream, Math.toIntExact(weight.elements()));
            float[] values = new float[formula.length];
            for (int k = 0; k < values.length; k++) {
                values[k] = (float) spread(weight, last, formula[k]);
            }
            tensors.add(Given.tensor(weight.name(), weight.shape(), values));
        }
        return tensors;
    }

    private static double spread(Weight weight, String last, double value) {
        List<Long> shape = weight.shape();
        String name = weight.name();
        if (shape.size() == 4) {
            return value * Math.sqrt(6.0 / (shape.get(0) * shape.get(2) * shape.get(3)));
        }
        if (name.startsWith("fc.") || name.startsWith("linear.")) {
            return value * 0.4;
        }
        if (name.endsWith(last)) {
            return 0.3 + 0.1 * value;
        }
        return name.endsWith(".running_var") || name.endsWith(".weight") ? 1.0 + 0.25 * value : 0.1 * value;
    }

    private static ImageBatch batch(Network network, int count, int size) {
        int channels = network.inputChannels();
        double[] formula = Given.formula(1000 + size, count * channels * size * size);
        byte[] pixels = new byte[formula.length];
        for (int k = 0; k < pixels.length; k++) {
            pixels[k] = (byte) Math.floor((formula[k] + 1) * 128);
        }
        return new ImageBatch(
                new BatchId("test", Split.TEST, 0, 0, 0),
                1,
                Encoding.UINT8,
                Normalization.ofMeanStd(Collections.nCopies(channels, 0.5), Collections.nCopies(channels, 0.25)),
                count,
                channels,
                size,
                size,
                ByteBuffer.wrap(pixels),
                new int[count],
                "");
    }
}
