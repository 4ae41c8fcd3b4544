// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.sample;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Dataset;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * A sample of the test split as a picture.
 *
 * @param image as a viewer shows it
 * @param label what it shows
 */
public record SamplePicture(BufferedImage image, String label) {
    /** The first sample of a batch. */
    public static SamplePicture first(ImageBatch batch, Dataset dataset) {
        boolean gray = batch.channels() == 1;
        BufferedImage image = new BufferedImage(
                batch.width(), batch.height(), gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < batch.height(); y++) {
            for (int x = 0; x < batch.width(); x++) {
                for (int band = 0; band < batch.channels(); band++) {
                    image.getRaster().setSample(x, y, band, value(batch, band, y * batch.width() + x));
                }
            }
        }
        return new SamplePicture(image, dataset.classes().get(batch.labels()[0]));
    }

    /** A source value, 0 to 255. */
    private static int value(ImageBatch batch, int channel, int pixel) {
        ByteBuffer images = batch.images();
        int index = channel * batch.height() * batch.width() + pixel;
        if (batch.encoding() == ImageBatch.Encoding.UINT8) {
            return images.get(index) & 0xff;
        }
        float normalized = images.getFloat(index * Float.BYTES);
        float q = normalized / batch.normalization().scale().get(channel)
                + batch.normalization().zeroPoint().get(channel);
        return Math.max(0, Math.min(255, Math.round(q)));
    }

    /** Writes a PNG. */
    public void write(Path file) throws IOException {
        if (!ImageIO.write(image, "png", file.toFile())) {
            throw new IOException("this Java has no PNG writer");
        }
    }
}
