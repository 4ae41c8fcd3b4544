// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Dataset;

/** How test and validation splits are divided into batches. Stateless. */
final class HeldOutBatches {
    private static final int SIZE = 500;
    private static final int BYTES = 8 << 20;

    private HeldOutBatches() {}

    /** How many test batches a data set has. */
    static int test(Dataset info) {
        return count(info, info.testSamples());
    }

    /** How many batches the validation split of a run has; 0 where there is none. */
    static int validation(Dataset info) {
        return info.validation() == null ? 0 : count(info, info.validation().samples());
    }

    /** How many there are of so many samples; the last one may be smaller. */
    static int count(Dataset info, int samples) {
        int size = size(info);
        return (samples + size - 1) / size;
    }

    /** 500, or fewer of large images: the same whatever the encoding, since an index must always mean the same. */
    static int size(Dataset info) {
        int imageBytes = info.channels() * info.height() * info.width() * Encoding.FLOAT32.bytes();
        return Math.max(1, Math.min(SIZE, BYTES / imageBytes));
    }
}
