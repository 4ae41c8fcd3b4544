// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplePictureTest {
    private static final byte[] SECOND = {0, 7, (byte) 200, (byte) 255, 1, 2, 3, 4};
    private static final Normalization NORMALIZATION =
            Normalization.ofMeanStd(List.of(0.4914, 0.4822), List.of(0.247, 0.2435));

    private static ImageBatch batch(Encoding encoding, ByteBuffer images) {
        return new ImageBatch(
                new BatchId("digest", Split.TEST, 0, 0, 0),
                1,
                encoding,
                NORMALIZATION,
                2,
                2,
                2,
                2,
                images,
                new int[2],
                "samples");
    }

    @Test
    void bytesAreThePixels() {
        ByteBuffer images = ByteBuffer.allocate(16).put(8, SECOND);

        assertThat(SamplePicture.of(batch(Encoding.UINT8, images), 1).samples()).isEqualTo(SECOND);
    }

    @Test
    void normalizedValuesAreTurnedBackIntoTheSamePixels() {
        ByteBuffer images = ByteBuffer.allocate(16 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        images.position(8 * Float.BYTES);
        for (int k = 0; k < SECOND.length; k++) {
            images.putFloat(NORMALIZATION.apply(k / 4, SECOND[k] & 0xff));
        }

        assertThat(SamplePicture.of(batch(Encoding.FLOAT32, images.rewind()), 1).samples())
                .isEqualTo(SECOND);
    }
}
