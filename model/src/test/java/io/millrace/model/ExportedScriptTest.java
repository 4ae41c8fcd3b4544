// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Network;
import io.millrace.model.export.Exporter;
import io.millrace.model.export.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Exported TorchScript answers as the network that is scored and served. */
class ExportedScriptTest {
    @TempDir
    private Path store;

    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of(Stored.RESIDUAL, false),
                Arguments.of(Stored.RESIDUAL, true),
                Arguments.of(Stored.POOLED, false),
                Arguments.of(Stored.POOLED, true),
                Arguments.of(Stored.NORM_LAST, false));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void itAnswersAsTheServedNetwork(Network network, boolean folded) throws IOException {
        Path file = Stored.write(store, "run-a1", 7, network);

        try (ScriptModule exported = ScriptModule.load(Exporter.of(file, folded).torchScript(), false);
                Scorer scorer = Scorer.of(network, Stored.NORMALIZATION, 24, 32, Stored.weights(network))) {
            for (int size : new int[] {1, 5}) {
                ImageBatch images = Given.asFloats(images(size));
                float[] expected = scorer.score(images).logits();

                float[] logits = new float[expected.length];
                try (ScriptModule.Call call = exported.call("forward", false)) {
                    ByteBuffer pixels = ScriptModule.direct(images.images().remaining())
                            .put(images.images())
                            .flip();
                    call.floats(pixels, size, 3, 24, 32)
                            .read()
                            .get(0)
                            .asFloatBuffer()
                            .get(logits);
                }

                assertThat(logits).containsExactly(expected, within(1e-4f));
            }
        }
    }

    private static ImageBatch images(int size) {
        byte[] pixels = new byte[size * 3 * 24 * 32];
        new SplittableRandom(size).nextBytes(pixels);
        return new ImageBatch(
                new BatchId("pets", Split.TRAIN, 0, size, 0),
                10,
                Encoding.UINT8,
                Stored.NORMALIZATION,
                size,
                3,
                24,
                32,
                ByteBuffer.wrap(pixels),
                new int[size],
                "");
    }
}
