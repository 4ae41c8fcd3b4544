// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Dataset;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Images as the network sees them, normalized. Stateless. */
final class FloatPixels {
    private FloatPixels() {}

    /**
     * Float32, little-endian.
     *
     * @param pixels uint8 {@code [N,C,H,W]}
     * @param info of the data set that they are of
     */
    static ByteBuffer of(byte[] pixels, Dataset info) {
        Normalization normalization = info.normalization();
        int plane = info.height() * info.width();
        float[][] values = new float[normalization.channels()][256];
        for (int channel = 0; channel < values.length; channel++) {
            for (int q = 0; q < 256; q++) {
                values[channel][q] = normalization.apply(channel, q);
            }
        }
        ByteBuffer floats = ByteBuffer.allocate(pixels.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < pixels.length; k++) {
            floats.putFloat(values[k / plane % values.length][pixels[k] & 0xff]);
        }
        return floats.flip();
    }
}
