// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.batch.ImageBatch.Encoding;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Trained weights where they score and serve: float32, BatchNorm folded into the convolutions. Several threads may ask at
 * once; close it when none does any more.
 */
interface FoldedNetwork extends AutoCloseable {
    /**
     * What it says of images.
     *
     * @param encoding of all of them
     * @param images {@code [C,H,W]} each, one or several to a buffer
     * @param count of images
     */
    Predictions predict(Encoding encoding, List<ByteBuffer> images, int count);

    @Override
    void close();
}
