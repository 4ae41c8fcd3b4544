// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.model.Learner;
import java.time.Duration;
import java.util.List;

/** The training loop with nothing around it: batches from memory, one call a step. Not thread-safe. */
final class StepLoop {
    private final Learner learner;
    private final List<ImageBatch> batches;
    private long step;

    /**
     * @param learner what learns; it stays the caller's
     * @param batches what it learns from, in turn
     */
    StepLoop(Learner learner, List<ImageBatch> batches) {
        this.learner = learner;
        this.batches = batches;
    }

    /** Images that were trained on, and the seconds that it took. */
    record Turn(long images, double seconds) {
        static final Turn NONE = new Turn(0, 0);

        double imagesPerSecond() {
            return images / seconds;
        }

        Turn plus(Turn other) {
            return new Turn(images + other.images, seconds + other.seconds);
        }
    }

    /** So many steps. Reading the statistics at the end waits for the device. */
    Turn steps(int count) {
        long begin = System.nanoTime();
        for (int k = 0; k < count; k++) {
            next();
        }
        return since(begin);
    }

    /** Steps until the time is over. */
    Turn lasting(Duration time) {
        long begin = System.nanoTime();
        do {
            next();
        } while (System.nanoTime() - begin < time.toNanos());
        return since(begin);
    }

    private void next() {
        learner.step(List.of(batches.get((int) (step++ % batches.size()))), Workload.LEARNING_RATE);
    }

    private Turn since(long begin) {
        long images = learner.stats().samples();
        return new Turn(images, (System.nanoTime() - begin) / 1e9);
    }
}
