// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.CheckpointPublished;
import java.util.List;

/** A checkpoint's network, ready to be asked. For one thread at a time. */
public interface ScorableNetwork extends AutoCloseable {
    /** The names of its classes, in the order of its logits. */
    List<String> classes();

    /** The channels, height and width that it was trained on. */
    List<Integer> imageShape();

    /** What it was trained to see in a pixel. */
    Normalization normalization();

    /** Name and version of what computes its logits. */
    String engine();

    /** The logits of a batch, {@code [N][K]}. */
    float[][] logits(ImageBatch batch);

    @Override
    void close();

    /** Where networks come from. */
    @FunctionalInterface
    interface Source {
        /**
         * Opens the network of an announced checkpoint.
         *
         * @throws UnusableNetworkException when its file is damaged, or not what was announced
         * @throws IncompleteNetworkException when its file is missing or not whole
         * @throws PassingFaultException when it cannot be read or made now
         */
        ScorableNetwork open(CheckpointPublished checkpoint)
                throws UnusableNetworkException, IncompleteNetworkException;
    }
}
