// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.image.PixelGrid;
import io.millrace.inference.registry.ServedModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The images of one request on their way through the queue.
 *
 * @param lease on the model that they were prepared for
 * @param images as the model takes them, at least one
 * @param queuedAt {@link System#nanoTime()}
 * @param answer done by the worker
 */
record Job(ServedModel.Lease lease, List<PixelGrid> images, long queuedAt, CompletableFuture<Answer> answer) {
    /**
     * What a worker found.
     *
     * @param probabilities {@code [N][K]}
     * @param queueNanos waiting for the worker
     * @param inferNanos in the network
     */
    record Answer(float[][] probabilities, long queueNanos, long inferNanos) {}
}
