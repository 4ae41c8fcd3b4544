// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.Topic;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Labelled images: a batch, or a part of one that is too large for a record.
 *
 * @param id its place
 * @param batchesPerEpoch how many there are in one epoch (of the split, per shard)
 * @param encoding how {@code images} is to be read
 * @param normalization what {@link Encoding#UINT8} means as input of the network
 * @param size N, of a part less than of the batch
 * @param channels C
 * @param height H
 * @param width W
 * @param images {@code [N,C,H,W]}: uint8, or float32 little-endian and normalized already; position 0 to limit, not
 *     copied
 * @param labels {@code [N]}, indices of classes; of a mixed image, that of which there is most in it
 * @param samplesDigest SHA-256 (hex) of the numbers in the data set of the whole batch's samples, each as a big-endian
 *     int32; the same in every part
 * @param softLabels {@code [N,K]}, row-major: how much of each class an image shows, together 1; null: all of its label
 * @param weights {@code [N]}: how much an image counts in the mean loss, from 0 on, not all 0; null: each the same
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
        String samplesDigest,
        float[] softLabels,
        float[] weights) {

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
        if (softLabels != null && (size == 0 || softLabels.length == 0 || softLabels.length % size != 0)) {
            throw new IllegalArgumentException("batch " + id + " of " + size
                    + " images needs as many soft labels of each class, got " + softLabels.length);
        }
        if (weights != null && weights.length != size) {
            throw new IllegalArgumentException(
                    "batch " + id + " of " + size + " images needs as many weights, got " + weights.length);
        }
    }

    /** One whose images show one class each, and count the same. */
    public ImageBatch(
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
        this(
                id,
                batchesPerEpoch,
                encoding,
                normalization,
                size,
                channels,
                height,
                width,
                images,
                labels,
                samplesDigest,
                null,
                null);
    }

    /** Number of classes of the soft labels; 0 where there are none. */
    public int softClasses() {
        return softLabels == null ? 0 : softLabels.length / size;
    }

    /** Room in a record for key, headers, and the header of the safetensors. */
    private static final int RECORD_OVERHEAD = 16 * 1024;

    /** A label takes at most so much. */
    private static final int LABEL_BYTES = Long.BYTES;

    /**
     * How many images of a size fit into a record of {@link Topic#MAX_RECORD_BYTES}; 0 when not even one does.
     *
     * @param imageBytes of one, and of its soft labels and its weight where there are any
     */
    public static int imagesPerRecord(long imageBytes) {
        return (int) ((Topic.MAX_RECORD_BYTES - RECORD_OVERHEAD) / (imageBytes + LABEL_BYTES));
    }

    /**
     * The batch in parts that fit into a record each, in their order; itself when it fits. The images are views.
     *
     * @throws IllegalArgumentException when one image is too large for a record
     */
    public List<ImageBatch> parts() {
        int imageBytes = channels * height * width * encoding.bytes();
        int most = imagesPerRecord(imageBytes + Float.BYTES * (softClasses() + (weights == null ? 0L : 1L)));
        if (most == 0) {
            throw new IllegalArgumentException(
                    "an image of " + imageBytes + " bytes does not fit into a record of " + Topic.MAX_RECORD_BYTES);
        }
        if (size <= most) {
            return List.of(this);
        }
        int count = (size + most - 1) / most;
        List<ImageBatch> parts = new ArrayList<>();
        for (int part = 0; part < count; part++) {
            int from = part * most;
            int length = Math.min(most, size - from);
            parts.add(images(id.part(part, count), from, length));
        }
        return parts;
    }

    /**
     * Some of its images, as a view, under its own id.
     *
     * @param from the first of them
     * @param length how many
     */
    public ImageBatch images(int from, int length) {
        return images(id, from, length);
    }

    private ImageBatch images(BatchId name, int from, int length) {
        int imageBytes = channels * height * width * encoding.bytes();
        return new ImageBatch(
                name,
                batchesPerEpoch,
                encoding,
                normalization,
                length,
                channels,
                height,
                width,
                images().slice(from * imageBytes, length * imageBytes),
                Arrays.copyOfRange(labels, from, from + length),
                samplesDigest,
                softLabels == null
                        ? null
                        : Arrays.copyOfRange(softLabels, from * softClasses(), (from + length) * softClasses()),
                weights == null ? null : Arrays.copyOfRange(weights, from, from + length));
    }

    /** A view of the images with a position of its own. */
    @Override
    public ByteBuffer images() {
        return images.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
