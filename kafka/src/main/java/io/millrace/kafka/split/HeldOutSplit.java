// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka.split;

import io.millrace.contracts.batch.ImageBatch;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A whole split that is scored and never trained on: the test split of a data set, or the validation split of a run.
 *
 * @param digest of the data set, or of the validation split
 * @param batches all of them, in the order of their indices
 * @param contentDigest SHA-256 (hex) over images and labels in their order, however they came in batches: equal in data sets
 *     that differ in what is trained on
 */
public record HeldOutSplit(String digest, List<ImageBatch> batches, String contentDigest) {
    public HeldOutSplit {
        batches = List.copyOf(batches);
    }

    /** A split of these batches. */
    public static HeldOutSplit of(String digest, List<ImageBatch> batches) {
        return new HeldOutSplit(digest, batches, contentDigest(batches));
    }

    /** Number of samples in all. */
    public int samples() {
        return batches.stream().mapToInt(ImageBatch::size).sum();
    }

    /** What its images take. */
    public long bytes() {
        return batches.stream().mapToLong(batch -> batch.images().limit()).sum();
    }

    private static String contentDigest(List<ImageBatch> batches) {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has it", e);
        }
        ByteBuffer label = ByteBuffer.allocate(Integer.BYTES);
        for (ImageBatch batch : batches) {
            ByteBuffer images = batch.images();
            int bytes = images.limit() / batch.size();
            for (int n = 0; n < batch.size(); n++) {
                sha256.update(images.slice(n * bytes, bytes));
                sha256.update(label.clear().putInt(batch.labels()[n]).flip());
            }
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
