// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.model.Heat;
import io.millrace.model.Predictions;
import java.util.List;

/** The native network, ready to run. Closed once, after its last call. */
public interface BatchClassifier extends AutoCloseable {
    /**
     * What it says about images, run as one batch.
     *
     * @param images N times uint8 {@code [C,H,W]}, at least one
     */
    Predictions predict(List<byte[]> images);

    /**
     * Which pixels of an image speak for a class.
     *
     * @param image uint8 {@code [C,H,W]}
     * @param label index of the class
     */
    Heat explain(byte[] image, int label);

    @Override
    void close();
}
