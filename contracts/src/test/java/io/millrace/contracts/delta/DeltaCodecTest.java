// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Topic;
import io.millrace.contracts.delta.Delta.Batch;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Sync.Encoding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaCodecTest {
    private static ByteBuffer golden(String name) throws IOException {
        try (InputStream in = DeltaCodecTest.class.getResourceAsStream("/golden/" + name + "-v1.safetensors")) {
            return ByteBuffer.wrap(in.readAllBytes());
        }
    }

    private static Delta delta(float... parameters) {
        return new Delta(
                "run-1",
                0,
                2,
                3,
                "cd".repeat(32),
                0.1,
                0.5,
                8,
                2,
                List.of(new Batch(new OffsetRange(0, 1), 4), new Batch(new OffsetRange(1, 3), 4)),
                parameters,
                List.of(new float[] {1, 2}, new float[] {3, Float.MIN_VALUE}),
                new float[0],
                new double[] {Math.PI});
    }

    @Test
    void aGoldenDeltaIsReadAsItWasWritten() throws IOException {
        Delta delta = DeltaCodec.decode(golden("delta"));

        assertThat(delta.run()).isEqualTo("mnist-mi7ux5s0");
        assertThat(List.of(delta.from(), delta.to(), delta.samples(), delta.updates()))
                .containsExactly(32L, 34L, 128L, 34L);
        assertThat(delta.replica()).isEqualTo(1);
        assertThat(delta.weights()).isEqualTo("ab".repeat(32));
        assertThat(delta.loss()).isEqualTo(0.61);
        assertThat(delta.accuracy()).isEqualTo(0.75);
        assertThat(delta.batches())
                .containsExactly(new Batch(new OffsetRange(40, 43), 128), new Batch(new OffsetRange(43, 46), 0));
        assertThat(delta.parameters()).containsExactly(0.125f, -3, 1e-3f);
        assertThat(delta.buffers()).containsExactly(new float[] {7, 8, 9}, new float[] {0, -1, 2});
        assertThat(delta.statistics()).containsExactly(1.5f);
        assertThat(delta.dead()).containsExactly(0.5, -0.25);
    }

    @Test
    void goldenGradientsInHalfTheBytesAreReadAsFloats() throws IOException {
        Delta delta = DeltaCodec.decode(golden("gradients"));

        assertThat(delta.parameters()).containsExactly(0.125f, -3, 1);
        assertThat(delta.buffers()).isEmpty();
        assertThat(delta.dead()).isEmpty();
        assertThat(delta.loss()).isNaN();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FP32", "BF16"})
    void whatIsWrittenIsReadBack(Encoding encoding) throws IOException {
        Delta delta = delta(0.5f, -1024);

        Delta read = DeltaCodec.decode(ByteBuffer.wrap(DeltaCodec.encode(delta, encoding)));

        assertThat(read).usingRecursiveComparison().isEqualTo(delta);
    }

    /** As torch's {@code .to(torch.bfloat16).to(torch.float32)}: 1 + 2⁻⁸ lies between two, and goes to the even one. */
    @ParameterizedTest
    @CsvSource({
        "1.00390625, 1.0",
        "1.01171875, 1.015625",
        "1.005, 1.0078125",
        "3.4028235e38, Infinity",
        "-Infinity, -Infinity",
        "NaN, NaN",
        "-0.0, -0.0"
    })
    void halfTheBytesAreTheNearestNumber(float value, float nearest) throws IOException {
        byte[] bytes = DeltaCodec.encode(delta(value, 0), Encoding.BF16);

        float[] read = DeltaCodec.decode(ByteBuffer.wrap(bytes)).parameters();
        assertThat(read[0]).isEqualTo((Float) nearest);
        assertThat(DeltaCodec.decode(ByteBuffer.wrap(DeltaCodec.encode(delta(read), Encoding.BF16)))
                        .parameters())
                .as("read back and written again")
                .isEqualTo(read);
    }

    @Test
    void whatIsOfAnotherVersionOrTypeIsRefusedByName() {
        byte[] bytes = DeltaCodec.encode(delta(1, 2), Encoding.FP32);

        assertRefused(bytes, "\"format_version\":\"1\"", "\"format_version\":\"2\"", "unknown format_version 2");
        assertRefused(bytes, "\"updates\":", "\"updatez\":", "the metadata \"updates\" is missing");
        assertRefused(bytes, "\"parameters\":", "\"parameterz\":", "no tensor \"parameters\"");
        assertRefused(bytes, "\"buffer.0\":", "\"buffer.7\":", "no tensor \"buffer.0\"");
        assertThatThrownBy(() -> DeltaCodec.decode(ByteBuffer.wrap(bytes, 0, bytes.length - 1)))
                .isInstanceOf(MalformedDeltaException.class);
    }

    private static void assertRefused(byte[] bytes, String part, String instead, String reason) {
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(text).contains(part);
        byte[] changed = text.replace(part, instead).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> DeltaCodec.decode(ByteBuffer.wrap(changed)))
                .isInstanceOf(MalformedDeltaException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, Chunks.MAX_BYTES, Chunks.MAX_BYTES + 1, 3 * Chunks.MAX_BYTES})
    void chunksFitIntoRecordsAndComeTogetherAgain(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);

        List<byte[]> chunks = Chunks.of(bytes);

        assertThat(chunks).hasSize((size + Chunks.MAX_BYTES - 1) / Chunks.MAX_BYTES);
        assertThat(chunks).allSatisfy(chunk -> assertThat(chunk).hasSizeLessThan(Topic.MAX_RECORD_BYTES));
        assertThat(Chunks.join(chunks)).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(Chunks.digest(Chunks.join(chunks))).isEqualTo(Chunks.digest(ByteBuffer.wrap(bytes)));
    }

    @Test
    void thePlaceOfAChunkIsReadFromItsText() {
        DeltaId id = new DeltaId("mnist-mi7ux5s0", 464, 3, 16, 17);

        assertThat(id).hasToString("mnist-mi7ux5s0/round/464/3/16of17");
        assertThat(DeltaId.parse(id.toString())).contains(id);
        assertThat(id.isWith(new DeltaId("mnist-mi7ux5s0", 464, 3, 0, 17))).isTrue();
        assertThat(id.isWith(new DeltaId("mnist-mi7ux5s0", 464, 2, 16, 17))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a/round/1/0/1of1",
                "a/round/-1/0/0of1",
                "a/train/1/0/0of1",
                "a/b/round/1/0/0of1",
                "a/round/1/0"
            })
    void whatIsNoPlaceIsNone(String text) {
        assertThat(DeltaId.parse(text)).isEmpty();
    }
}
