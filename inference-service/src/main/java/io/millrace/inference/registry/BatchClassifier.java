// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import java.util.List;

/** The native network, ready to run. Closed once, after its last call. */
public interface BatchClassifier extends AutoCloseable {
    /**
     * The probabilities of all classes, for images run as one batch.
     *
     * @param images N times uint8 {@code [C,H,W]}
     * @return {@code [N][K]}, each row sums up to 1
     */
    float[][] probabilities(List<byte[]> images);

    @Override
    void close();
}
