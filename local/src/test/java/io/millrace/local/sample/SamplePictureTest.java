// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.local.watch.Samples;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplePictureTest {
    private static final int PIXELS = 28 * 28;

    @TempDir
    private Path directory;

    private static ImageBatch batch(Encoding encoding, ByteBuffer images) {
        return new ImageBatch(
                new BatchId("d1", Split.TEST, 0, 0, 0),
                1,
                encoding,
                Samples.DATASET.normalization(),
                1,
                1,
                28,
                28,
                images,
                new int[] {7},
                "s");
    }

    private BufferedImage written(ImageBatch batch) throws IOException {
        SamplePicture picture = SamplePicture.first(batch, Samples.DATASET);
        assertThat(picture.label()).isEqualTo("7");
        picture.write(directory.resolve("sample.png"));
        return ImageIO.read(directory.resolve("sample.png").toFile());
    }

    @Test
    void sourceBytesComeBackAsTheyWere() throws IOException {
        byte[] bytes = new byte[PIXELS];
        bytes[28 + 3] = (byte) 200;

        BufferedImage image = written(batch(Encoding.UINT8, ByteBuffer.wrap(bytes)));

        assertThat(image.getRaster().getSample(3, 1, 0)).isEqualTo(200);
        assertThat(image.getRaster().getSample(1, 3, 0)).isZero();
    }

    @Test
    void normalizedValuesAreTurnedBackIntoSourceValues() throws IOException {
        ByteBuffer floats = ByteBuffer.allocate(PIXELS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int pixel = 0; pixel < PIXELS; pixel++) {
            floats.putFloat(Samples.DATASET.normalization().apply(0, pixel % 256));
        }

        BufferedImage image = written(batch(Encoding.FLOAT32, floats.flip()));

        assertThat(image.getRaster().getSample(5, 0, 0)).isEqualTo(5);
        assertThat(image.getRaster().getSample(0, 9, 0)).isEqualTo(252);
    }
}
