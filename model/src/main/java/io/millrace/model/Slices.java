// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.batch.ImageBatch;
import java.util.ArrayList;
import java.util.List;

/** Batches in equal slices, each of images that follow each other. */
final class Slices {
    private Slices() {}

    /**
     * @param batches one after the other
     * @param count of slices
     * @return views
     * @throws IllegalArgumentException when all images together cannot be divided by it
     */
    static List<List<ImageBatch>> of(List<ImageBatch> batches, int count) {
        int images = batches.stream().mapToInt(ImageBatch::size).sum();
        if (images % count != 0) {
            throw new IllegalArgumentException(
                    "the step of " + batches.stream().map(ImageBatch::id).toList() + " has " + images
                            + " images, which cannot be divided into " + count + " equal slices");
        }
        List<List<ImageBatch>> slices = new ArrayList<>();
        for (int slice = 0; slice < count; slice++) {
            slices.add(between(batches, slice * (images / count), (slice + 1) * (images / count)));
        }
        return slices;
    }

    private static List<ImageBatch> between(List<ImageBatch> batches, int from, int to) {
        List<ImageBatch> slice = new ArrayList<>();
        int begin = 0;
        for (ImageBatch batch : batches) {
            int first = Math.max(from - begin, 0);
            int end = Math.min(to - begin, batch.size());
            if (first < end) {
                slice.add(batch.images(first, end - first));
            }
            begin += batch.size();
        }
        return slice;
    }
}
