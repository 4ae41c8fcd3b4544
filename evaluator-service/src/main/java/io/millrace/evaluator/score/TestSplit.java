// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.batch.ImageBatch;
import java.util.List;

/**
 * A whole test split.
 *
 * @param digest of its data set
 * @param batches all of them, in the order of their indices
 */
public record TestSplit(String digest, List<ImageBatch> batches) {
    public TestSplit {
        batches = List.copyOf(batches);
    }

    /** Number of samples in all. */
    public int samples() {
        return batches.stream().mapToInt(ImageBatch::size).sum();
    }
}
