// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.safetensors.MalformedSafetensorsException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @Test
    void aFileOfTheReferenceImplementationIsReadAsItWasWritten(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("reference.safetensors");
        Files.write(file, golden("reference.safetensors"));

        Safetensors read = Safetensors.read(file);

        assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "note", "grüße"));
        Tensor weight = read.tensor("layer1.0.conv1.weight");
        assertThat(weight.dtype()).isEqualTo(DType.F32);
        assertThat(weight.shape()).containsExactly(2L, 3L, 2L, 2L);
        ByteBuffer values = weight.data();
        for (int k = 0; k < 24; k++) {
            assertThat(values.getFloat()).isEqualTo(k / 4f);
        }
        assertThat(read.tensor("counts").data().getLong(16)).isEqualTo(3);
        assertThat(read.tensor("scalar").shape()).isEmpty();
        assertThat(read.tensor("scalar").data().getInt()).isEqualTo(3);
        assertThat(read.tensor("empty").elements()).isZero();
        assertThat(read.tensor("half").dtype()).isEqualTo(DType.F16);
        assertThat(read.tensor("mask").data().get(1)).isZero();
        assertThat(read.tensor("bn1.running_mean").data().getFloat()).isEqualTo(-1.5f);
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        Safetensors file = Safetensors.of(Map.of("run", "r\"1\n"), List.of(floats("b", 1, 2), floats("a", 3)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        long written = file.writeTo(Channels.newChannel(out));
        Safetensors read = Safetensors.parse(ByteBuffer.wrap(out.toByteArray()));

        assertThat(written).isEqualTo(out.size());
        assertThat(out.toByteArray()).isEqualTo(file.toBytes());
        assertThat(read.metadata()).isEqualTo(file.metadata());
        assertThat(read.tensors()).extracting(Tensor::name).containsExactly("b", "a");
        assertThat(read.tensor("a").data().getFloat()).isEqualTo(3);
        long headerLength = ByteBuffer.wrap(out.toByteArray())
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        assertThat(headerLength % 8).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]                                                                              | HEADER_NOT_OBJECT",
                "{\"a\":                                                                         | HEADER_NOT_JSON",
                "{} x                                                                            | HEADER_NOT_JSON",
                "{\"a\": 3}                                                                      | HEADER_NOT_JSON",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2]}}                                   | HEADER_NOT_JSON",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8]}}            | HEADER_NOT_JSON",
                "{\"__metadata__\": {\"a\": 1}}                                                  | BAD_METADATA",
                "{\"__metadata__\": \"a\"}                                                       | BAD_METADATA",
                "{\"a\": {\"dtype\": \"F7\", \"shape\": [2], \"data_offsets\": [0, 8]}}          | UNKNOWN_DTYPE",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [-2], \"data_offsets\": [0, 8]}}        | BAD_SHAPE",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2.5], \"data_offsets\": [0, 8]}}       | BAD_SHAPE",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [4294967296, 4294967296], \"data_offsets\": [0, 8]}} | BAD_SHAPE",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 0]}}         | BAD_OFFSETS",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 4]}}         | BAD_OFFSETS",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [-8, 0]}}        | BAD_OFFSETS",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}}         | NOT_CONTIGUOUS",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}, \"b\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}} | NOT_CONTIGUOUS",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}         | WRONG_DATA_LENGTH",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [3], \"data_offsets\": [0, 12]}}        | WRONG_DATA_LENGTH",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}, \"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}} | DUPLICATE_NAME",
            })
    void aMalformedHeaderIsRefusedWithItsReason(String json, Reason reason) {
        assertRefused(file(json, 8), reason);
    }

    @Test
    void bytesThatAreTooFewAreRefused() {
        assertRefused(ByteBuffer.allocate(7), Reason.TOO_SHORT);
        assertRefused(ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 100), Reason.HEADER_TRUNCATED);
        assertRefused(
                ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 100_000_001),
                Reason.HEADER_TOO_LARGE);
        assertRefused(ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(0, -1), Reason.HEADER_TOO_LARGE);
        assertRefused(ByteBuffer.allocate(8), Reason.HEADER_NOT_OBJECT);
    }

    @Test
    void everyTruncationOfAGoodFileIsRefused() throws IOException {
        byte[] good = golden("reference.safetensors");

        for (int length = 0; length < good.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(good, 0, length);
            assertThatThrownBy(() -> Safetensors.parse(cut))
                    .as("cut to %s bytes", length)
                    .isInstanceOf(MalformedSafetensorsException.class);
        }
    }

    @Test
    void aMissingTensorIsNamed() throws IOException {
        Safetensors file = Safetensors.parse(ByteBuffer.wrap(golden("reference.safetensors")));

        assertThatThrownBy(() -> file.tensor("fc.weight"))
                .isInstanceOf(MalformedSafetensorsException.class)
                .hasMessageContaining("fc.weight");
    }

    @Test
    void aTensorWhoseBytesDoNotFitItsShapeCannotBeMade() {
        assertThatThrownBy(() -> new Tensor("w", DType.F32, List.of(3L), ByteBuffer.allocate(8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tensor w")
                .hasMessageContaining("12 bytes, got 8");
    }

    @Test
    void twoTensorsOfOneNameCannotBeWritten() {
        assertThatThrownBy(() -> Safetensors.of(Map.of(), List.of(floats("a", 1), floats("a", 2))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("named a");
    }

    private static void assertRefused(ByteBuffer bytes, Reason reason) {
        assertThatThrownBy(() -> Safetensors.parse(bytes))
                .isInstanceOfSatisfying(
                        MalformedSafetensorsException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    private static ByteBuffer file(String json, int dataBytes) {
        byte[] header = json.strip().getBytes(UTF_8);
        return ByteBuffer.allocate(8 + header.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .position(0);
    }

    private static Tensor floats(String name, float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return new Tensor(name, DType.F32, List.of((long) values.length), data.flip());
    }

    private static byte[] golden(String file) throws IOException {
        try (InputStream in = SafetensorsTest.class.getResourceAsStream("/golden/" + file)) {
            return in.readAllBytes();
        }
    }
}
