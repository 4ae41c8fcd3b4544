// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.image.PixelGrid;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;

/**
 * Runs jobs one after the other, the images of one as one batch. Confined to its thread.
 */
final class Worker implements Runnable {
    private final BlockingQueue<Job> jobs;
    private final InferenceMetrics metrics;

    /** Makes the worker of a queue. */
    interface Factory {
        Runnable create(BlockingQueue<Job> jobs);
    }

    Worker(BlockingQueue<Job> jobs, InferenceMetrics metrics) {
        this.jobs = jobs;
        this.metrics = metrics;
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                run(jobs.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Job job) {
        long begin = System.nanoTime();
        try {
            List<byte[]> images = job.images().stream().map(PixelGrid::samples).toList();
            float[][] probabilities = job.lease().classifier().probabilities(images);
            long queued = begin - job.queuedAt();
            metrics.ran(images.size(), Duration.ofNanos(queued));
            job.answer().complete(new Job.Answer(probabilities, queued, System.nanoTime() - begin));
        } catch (RuntimeException | Error e) {
            // One bad call must not end the worker, which serves all others.
            job.answer().completeExceptionally(e);
        }
    }
}
