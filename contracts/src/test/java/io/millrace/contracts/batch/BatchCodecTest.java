// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchCodecTest {
    @Test
    void aGoldenBatchIsReadAsItWasWritten() throws IOException {
        ImageBatch batch = BatchCodec.decode(golden());

        assertThat(batch.id()).isEqualTo(new BatchId("mnist-20261120-204500-ab12", Split.TRAIN, 3, 17, 0));
        assertThat(batch.id().step(batch.batchesPerEpoch())).isEqualTo(3 * 468 + 17);
        assertThat(batch.encoding()).isEqualTo(Encoding.UINT8);
        assertThat(List.of(batch.size(), batch.channels(), batch.height(), batch.width()))
                .containsExactly(2, 1, 3, 4);
        assertThat(batch.labels()).containsExactly(7, 2);
        assertThat(batch.images().get(5)).isEqualTo((byte) 50);
        assertThat(batch.normalization()).isEqualTo(new Normalization(List.of(0.0127280f), List.of(33.3285f)));
    }

    @Test
    void aGoldenTestBatchIsReadAsItWasWritten() throws IOException {
        ImageBatch batch = BatchCodec.decode(golden("test-batch-v1"));

        assertThat(batch.id()).isEqualTo(new BatchId("c0ffee", Split.TEST, 0, 19, 0));
        assertThat(batch.batchesPerEpoch()).isEqualTo(20);
        assertThat(batch.labels()).containsExactly(0, 9, 255);
        assertThat(batch.images().get(11)).isEqualTo((byte) 11);
        assertThat(batch.samplesDigest()).isEqualTo("11".repeat(32));
    }

    @Test
    void aGoldenBatchOfFloatsWithWideLabelsIsReadAsItWasWritten() throws IOException {
        ImageBatch batch = BatchCodec.decode(golden("float32-batch-v1"));

        assertThat(batch.id()).isEqualTo(new BatchId("run-1", Split.TRAIN, 0, 1, 2));
        assertThat(batch.encoding()).isEqualTo(Encoding.FLOAT32);
        assertThat(List.of(batch.size(), batch.channels(), batch.height(), batch.width()))
                .containsExactly(2, 3, 2, 2);
        assertThat(batch.labels()).containsExactly(999, 3);
        assertThat(batch.images().getFloat(23 * Float.BYTES)).isEqualTo(23 / 8f - 1);
        assertThat(batch.normalization()).isEqualTo(new Normalization(List.of(.5f, .25f, .125f), List.of(1f, 2f, 3f)));
    }

    @Test
    void aGoldenPartOfABatchIsReadAsItWasWritten() throws IOException {
        ImageBatch batch = BatchCodec.decode(golden("part-of-batch-v1"));

        assertThat(batch.id()).isEqualTo(new BatchId("mnist-mi7ux5s0", Split.TRAIN, 3, 17, 1, 2, 3));
        assertThat(batch.size()).isEqualTo(1);
        assertThat(batch.labels()).containsExactly(2);
        assertThat(batch.samplesDigest()).isEqualTo("33".repeat(32));
    }

    @Test
    void aGoldenBatchOfMixedImagesIsReadAsItWasWritten() throws IOException {
        ImageBatch batch = BatchCodec.decode(golden("mixed-batch-v1"));

        assertThat(batch.labels()).containsExactly(7, 2);
        assertThat(batch.softClasses()).isEqualTo(10);
        assertThat(batch.softLabels()[7]).isEqualTo(0.75f);
        assertThat(batch.softLabels()[2]).isEqualTo(0.25f);
        assertThat(batch.softLabels()[12]).isEqualTo(0.75f);
        assertThat(batch.weights()).containsExactly(0.5f, 2);
        assertThat(BatchCodec.decode(golden()).softLabels()).isNull();
        assertThat(BatchCodec.decode(golden()).weights()).isNull();
    }

    @Test
    void mixedImagesSurviveARoundTrip() throws IOException {
        ImageBatch batch = BatchCodec.decode(golden("mixed-batch-v1"));

        ImageBatch read = BatchCodec.decode(ByteBuffer.wrap(BatchCodec.encode(batch)));

        assertThat(read).usingRecursiveComparison().ignoringFields("images").isEqualTo(batch);
        assertThat(read.images()).isEqualTo(batch.images());
        assertThat(BatchCodec.decode(ByteBuffer.wrap(BatchCodec.encode(batch.images(1, 1))))
                        .softLabels())
                .containsExactly(0, 0, 0.75f, 0, 0, 0, 0, 0.25f, 0, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "soft_labels | 2,1 | 1,0.5       | the soft labels of image 1 are 0.5 together, not 1",
                "soft_labels | 2,2 | 1,0,-1,2    | soft_labels has the value -1.0; 0 is the least",
                "soft_labels | 2,2 | 1,0,NaN,1   | soft_labels has the value NaN",
                "soft_labels | 2   | 1,1         | soft_labels should be F32 [2,K], they are F32 [2]",
                "soft_labels | 1,2 | 1,0         | soft_labels should be F32 [2,K], they are F32 [1, 2]",
                "weights     | 1   | 1           | weights should be F32 [2], they are F32 [1]",
                "weights     | 2   | 1,-1        | weights has the value -1.0",
                "weights     | 2   | 1,Infinity  | weights has the value Infinity",
                "weights     | 2   | 0,0         | all weights are 0"
            })
    void whatIsNoLossIsRefusedWithTheReason(String name, String shape, String values, String reason)
            throws IOException {
        Safetensors good = Safetensors.parse(golden());
        String[] numbers = values.split(",");
        ByteBuffer data = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (String number : numbers) {
            data.putFloat(Float.parseFloat(number));
        }
        List<Tensor> tensors = new ArrayList<>(good.tensors());
        tensors.add(new Tensor(
                name,
                DType.F32,
                Arrays.stream(shape.split(",")).map(Long::valueOf).toList(),
                data.flip()));
        byte[] bad = Safetensors.of(good.metadata(), tensors).toBytes();

        assertThatThrownBy(() -> BatchCodec.decode(ByteBuffer.wrap(bad)))
                .isInstanceOf(MalformedBatchException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aBatchSurvivesARoundTripInBothEncodings() throws IOException {
        for (Encoding encoding : Encoding.values()) {
            ImageBatch batch = batch(encoding, new int[] {1, 0});

            ImageBatch read = BatchCodec.decode(ByteBuffer.wrap(BatchCodec.encode(batch)));

            assertThat(read).usingRecursiveComparison().ignoringFields("images").isEqualTo(batch);
            assertThat(read.images()).isEqualTo(batch.images());
        }
    }

    @Test
    void manyClassesMakeWideLabels() throws IOException {
        byte[] value = BatchCodec.encode(batch(Encoding.UINT8, new int[] {999, 3}));

        assertThat(Safetensors.parse(ByteBuffer.wrap(value)).tensor("labels").dtype())
                .isEqualTo(DType.I64);
        assertThat(BatchCodec.decode(ByteBuffer.wrap(value)).labels()).containsExactly(999, 3);
    }

    @ParameterizedTest
    @CsvSource({
        "format_version, 2, unknown format_version 2",
        "format_version, , \"format_version\" is missing",
        "encoding, png, unknown encoding \"png\"",
        "encoding, float32, images should be F32",
        "split, validation, unknown split \"validation\"",
        "epoch, -1, no number from 0: \"-1\"",
        "index, x, no number from 0: \"x\"",
        "run, , \"run\" is missing",
        "scale, NaN, scale of channel 0",
        "scale, 0, scale of channel 0",
        "zero_point, x, \"x\"",
        "samples_digest, , \"samples_digest\" is missing",
        "parts, 0, there is no part 0 of 0",
        "part, 1, there is no part 1 of 1",
        "part, -1, no number from 0: \"-1\""
    })
    void metadataThatIsWrongIsRefusedWithTheReason(String key, String value, String reason) throws IOException {
        ByteBuffer bad = golden(metadata -> {
            if (value == null) {
                metadata.remove(key);
            } else {
                metadata.put(key, value);
            }
        });

        assertThatThrownBy(() -> BatchCodec.decode(bad))
                .isInstanceOf(MalformedBatchException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aNormalizationForOtherChannelsIsRefused() throws IOException {
        ByteBuffer bad = golden(metadata -> {
            metadata.put("scale", "1,1,1");
            metadata.put("zero_point", "0,0,0");
        });

        assertThatThrownBy(() -> BatchCodec.decode(bad))
                .isInstanceOf(MalformedBatchException.class)
                .hasMessageContaining("1 channels, its normalization has 3");
    }

    @Test
    void labelsThatDoNotFitTheImagesAreRefused() throws IOException {
        Safetensors good = Safetensors.parse(golden());
        Tensor three = new Tensor("labels", DType.U8, List.of(3L), ByteBuffer.allocate(3));
        byte[] bad = Safetensors.of(good.metadata(), List.of(good.tensor("images"), three))
                .toBytes();

        assertThatThrownBy(() -> BatchCodec.decode(ByteBuffer.wrap(bad)))
                .isInstanceOf(MalformedBatchException.class)
                .hasMessageContaining("labels of shape [3] do not fit images of shape [2, 1, 3, 4]");
    }

    @Test
    void whatIsNoSafetensorsIsRefused() {
        assertThatThrownBy(() -> BatchCodec.decode(ByteBuffer.wrap("hello, world".getBytes())))
                .isInstanceOf(MalformedBatchException.class)
                .hasMessageContaining("malformed safetensors");
    }

    private static ImageBatch batch(Encoding encoding, int[] labels) {
        ByteBuffer images =
                ByteBuffer.allocate(2 * 3 * 2 * 2 * encoding.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < 24; k++) {
            if (encoding == Encoding.UINT8) {
                images.put((byte) (200 + k));
            } else {
                images.putFloat(k / 8f - 1);
            }
        }
        return new ImageBatch(
                new BatchId("r", Split.TRAIN, 1, 2, 0),
                5,
                encoding,
                Normalization.ofMeanStd(List.of(.4914, .4822, .4465), List.of(.2023, .1994, .2010)),
                2,
                3,
                2,
                2,
                images.flip(),
                labels,
                "ab");
    }

    private static ByteBuffer golden() throws IOException {
        return golden("train-batch-v1");
    }

    private static ByteBuffer golden(String name) throws IOException {
        try (InputStream in = BatchCodecTest.class.getResourceAsStream("/golden/" + name + ".safetensors")) {
            return ByteBuffer.wrap(in.readAllBytes());
        }
    }

    private static ByteBuffer golden(Consumer<Map<String, String>> change) throws IOException {
        Safetensors good = Safetensors.parse(golden());
        Map<String, String> metadata = new LinkedHashMap<>(good.metadata());
        change.accept(metadata);
        return ByteBuffer.wrap(
                Safetensors.of(metadata, new ArrayList<>(good.tensors())).toBytes());
    }
}
