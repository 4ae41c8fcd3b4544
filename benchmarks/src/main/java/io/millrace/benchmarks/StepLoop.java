// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.model.Learner;
import java.util.List;

/** The training loop with nothing around it: batches from memory, one call a step. */
final class StepLoop {
    private StepLoop() {}

    /** Images per second over some steps. Reading the statistics at the end waits for the device. */
    static double imagesPerSecond(Learner learner, List<ImageBatch> batches, int steps) {
        long start = System.nanoTime();
        for (int step = 0; step < steps; step++) {
            learner.step(List.of(batches.get(step % batches.size())), Workload.LEARNING_RATE);
        }
        long samples = learner.stats().samples();
        return samples / ((System.nanoTime() - start) / 1e9);
    }
}
