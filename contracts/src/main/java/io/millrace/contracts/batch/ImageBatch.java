// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.contracts.Normalization;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Labelled images.
 *
 * @param id its place
 * @param batchesPerEpoch how many there are in one epoch (of the split, per shard)
 * @param encoding how {@code images} is to be read
 * @param normalization what {@link Encoding#UINT8} means as input of the network
 * @param size N
 * @param channels C
 * @param height H
 * @param width W
 * @param images {@code [N,C,H,W]}: uint8, or float32 little-endian and normalized already; position 0 to limit, not
 *     copied
 * @param labels {@code [N]}, indices of classes
 * @param samplesDigest SHA-256 (hex) of the samples' numbers in the data set, each as a big-endian int32
 */
public record ImageBatch(
        BatchId id,
        int batchesPerEpoch,
        Encoding encoding,
        Normalization normalization,
        int size,
        int channels,
        int height,
        int width,
        ByteBuffer images,
        int[] labels,
        String samplesDigest) {

    /** How the images of a batch are written. */
    public enum Encoding {
        /** Source bytes, to be normalized by the reader: exact for 8-bit sources. */
        @JsonProperty("uint8")
        UINT8(1),
        /** Normalized values. */
        @JsonProperty("float32")
        FLOAT32(4);

        private final int bytes;

        Encoding(int bytes) {
            this.bytes = bytes;
        }

        /** Bytes of one value. */
        public int bytes() {
            return bytes;
        }
    }

    public ImageBatch {
        images = images.slice().order(ByteOrder.LITTLE_ENDIAN);
        long expected = (long) size * channels * height * width * encoding.bytes();
        if (images.remaining() != expected || labels.length != size) {
            throw new IllegalArgumentException("batch " + id + " of " + size + " images " + channels + "x" + height
                    + "x" + width + " needs " + expected + " bytes and " + size + " labels, got "
                    + images.remaining() + " and " + labels.length);
        }
        if (normalization.channels() != channels) {
            throw new IllegalArgumentException("batch " + id + " has " + channels + " channels, its normalization has "
                    + normalization.channels());
        }
    }

    /** A view of the images with a position of its own. */
    @Override
    public ByteBuffer images() {
        return images.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
