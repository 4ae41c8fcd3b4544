// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Images of one size as a network's input, float32: what the first operation of a TorchScript graph makes of them. */
final class Normalized {
    private static final int BYTES = 256;

    private final int channels;
    private final int height;
    private final int width;
    /** By channel, what each byte becomes. */
    private final float[][] values;

    Normalized(Normalization normalization, int height, int width) {
        this.channels = normalization.channels();
        this.height = height;
        this.width = width;
        this.values = new float[channels][BYTES];
        for (int channel = 0; channel < channels; channel++) {
            for (int q = 0; q < BYTES; q++) {
                values[channel][q] = normalization.apply(channel, q);
            }
        }
    }

    long[] shape(int count) {
        return new long[] {count, channels, height, width};
    }

    /**
     * A direct buffer of float32 in the order of memory.
     *
     * @param encoding bytes are normalized here, floats are already
     */
    ByteBuffer of(Encoding encoding, List<ByteBuffer> images, int count) {
        ByteBuffer floats = ByteBuffer.allocateDirect(count * channels * height * width * Float.BYTES)
                .order(ByteOrder.nativeOrder());
        FloatBuffer out = floats.asFloatBuffer();
        for (ByteBuffer image : images) {
            if (encoding == Encoding.FLOAT32) {
                out.put(image.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
            } else {
                normalize(image.duplicate(), out);
            }
        }
        return floats;
    }

    private void normalize(ByteBuffer bytes, FloatBuffer out) {
        byte[] plane = new byte[height * width];
        float[] normalized = new float[plane.length];
        for (int channel = 0; bytes.hasRemaining(); channel = (channel + 1) % channels) {
            float[] valueOf = values[channel];
            bytes.get(plane);
            for (int k = 0; k < plane.length; k++) {
                normalized[k] = valueOf[plane[k] & 0xff];
            }
            out.put(normalized);
        }
    }
}
