// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageBatchPartsTest {

    @Test
    void aBatchThatFitsIntoARecordIsItsOnlyPart() {
        ImageBatch mnist = batch(Encoding.UINT8, 128, 1, 28, 28);

        assertThat(mnist.parts()).containsExactly(mnist);
    }

    @ParameterizedTest
    @CsvSource({
        "UINT8, 1000, 3, 32, 32, 4",
        "UINT8, 64, 3, 224, 224, 11",
        "FLOAT32, 128, 3, 32, 32, 2",
        "FLOAT32, 7, 3, 224, 224, 7",
        // The images alone would fit, with their labels and the header they do not.
        "UINT8, 100000, 1, 3, 3, 2",
        "UINT8, 2, 1, 983, 1000, 2"
    })
    void aLargerBatchComesInPartsOfLessThanARecordEach(
            Encoding encoding, int size, int channels, int height, int width, int parts) throws IOException {
        ImageBatch batch = batch(encoding, size, channels, height, width);

        List<ImageBatch> read = new ArrayList<>();
        for (ImageBatch part : batch.parts()) {
            byte[] value = BatchCodec.encode(part);
            assertThat(value).hasSizeLessThan(Topic.MAX_RECORD_BYTES - 1024);
            read.add(BatchCodec.decode(ByteBuffer.wrap(value)));
        }

        assertThat(read)
                .extracting(ImageBatch::id)
                .containsExactlyElementsOf(IntStream.range(0, parts)
                        .mapToObj(k -> batch.id().part(k, parts))
                        .toList());
        assertThat(read).allSatisfy(part -> {
            assertThat(part.samplesDigest()).isEqualTo(batch.samplesDigest());
            assertThat(part.batchesPerEpoch()).isEqualTo(batch.batchesPerEpoch());
            assertThat(part.encoding()).isEqualTo(encoding);
            assertThat(part.normalization()).isEqualTo(batch.normalization());
        });
        assertThat(read.stream().flatMapToInt(part -> IntStream.of(part.labels())))
                .containsExactly(IntStream.of(batch.labels()).boxed().toArray(Integer[]::new));
        ByteBuffer images = ByteBuffer.allocate(batch.images().remaining());
        read.forEach(part -> images.put(part.images()));
        assertThat(images.flip()).isEqualTo(batch.images());
    }

    /** Of a thousand classes: the soft labels of 4,000 bytes are more than an image of 3,072. */
    @Test
    void softLabelsAndWeightsCountAndComeInParts() throws IOException {
        // Given
        ImageBatch hard = batch(Encoding.UINT8, 256, 3, 32, 32);
        float[] soft = new float[256 * 1000];
        float[] weights = new float[256];
        for (int k = 0; k < 256; k++) {
            soft[k * 1000 + k] = 1;
            weights[k] = k + 1;
        }
        ImageBatch batch = new ImageBatch(
                hard.id(),
                hard.batchesPerEpoch(),
                hard.encoding(),
                hard.normalization(),
                256,
                3,
                32,
                32,
                hard.images(),
                hard.labels(),
                hard.samplesDigest(),
                soft,
                weights);

        // When
        List<ImageBatch> parts = batch.parts();

        // Then
        assertThat(hard.parts()).hasSize(1);
        assertThat(parts).hasSize(2);
        int image = 0;
        for (ImageBatch part : parts) {
            byte[] value = BatchCodec.encode(part);
            assertThat(value).hasSizeLessThan(Topic.MAX_RECORD_BYTES);
            ImageBatch read = BatchCodec.decode(ByteBuffer.wrap(value));
            for (int k = 0; k < read.size(); k++, image++) {
                assertThat(read.weights()[k]).isEqualTo(image + 1);
                assertThat(read.softLabels()[k * 1000 + image]).isEqualTo(1);
            }
        }
        assertThat(image).isEqualTo(256);
    }

    @Test
    void allPartsButTheLastAreEquallyLarge() {
        assertThat(batch(Encoding.UINT8, 64, 3, 224, 224).parts())
                .extracting(ImageBatch::size)
                .containsExactly(6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 4);
    }

    @Test
    void anImageThatIsTooLargeForARecordIsRefusedWithBothSizes() {
        ImageBatch batch = batch(Encoding.FLOAT32, 1, 3, 512, 512);

        assertThat(ImageBatch.imagesPerRecord(3 * 512 * 512 * 4)).isZero();
        assertThatThrownBy(batch::parts)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an image of 3145728 bytes does not fit into a record of 1000000");
    }

    private static ImageBatch batch(Encoding encoding, int size, int channels, int height, int width) {
        byte[] images = new byte[size * channels * height * width * encoding.bytes()];
        new Random(1).nextBytes(images);
        List<Float> ones = List.of(1f, 1f, 1f).subList(0, channels);
        return new ImageBatch(
                new BatchId("x".repeat(100) + "-mi7ux5s0", Split.TRAIN, 999_999_999, 999_999_999, 63),
                999_999_999,
                encoding,
                new Normalization(ones, ones),
                size,
                channels,
                height,
                width,
                ByteBuffer.wrap(images),
                // The widest labels.
                new Random(2).ints(size, 0, 1_000_000).toArray(),
                "ab".repeat(32));
    }
}
