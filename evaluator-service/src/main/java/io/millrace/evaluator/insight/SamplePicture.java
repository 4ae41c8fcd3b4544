// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.image.Picture;
import java.nio.ByteBuffer;

/** An image of a batch as a picture. */
final class SamplePicture {
    private static final int WHITE = 255;

    private SamplePicture() {}

    /**
     * One image. What was published normalized is turned back into pixels.
     *
     * @param index in the batch, from 0
     */
    static Picture of(ImageBatch batch, int index) {
        byte[] samples = new byte[batch.channels() * batch.height() * batch.width()];
        ByteBuffer image = batch.images(index, 1).images();
        if (batch.encoding() == Encoding.UINT8) {
            image.get(samples);
        } else {
            int plane = batch.height() * batch.width();
            for (int k = 0; k < samples.length; k++) {
                samples[k] = pixel(batch.normalization(), k / plane, image.getFloat());
            }
        }
        return new Picture(batch.channels(), batch.height(), batch.width(), samples);
    }

    private static byte pixel(Normalization normalization, int channel, float value) {
        float pixel = value / normalization.scale().get(channel)
                + normalization.zeroPoint().get(channel);
        return (byte) Math.max(0, Math.min(WHITE, Math.round(pixel)));
    }
}
