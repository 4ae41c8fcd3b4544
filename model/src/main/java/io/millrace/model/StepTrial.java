// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.Calibration.Measured;
import io.millrace.model.Calibration.Subject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/** How long a step of a run takes in either precision. */
final class StepTrial {
    private static final int STEPS = 3;
    /** On a machine that is slow, or busy with something else, the run is not to wait for the last of the steps. */
    private static final long ENOUGH_NANOS = 5_000_000_000L;

    private StepTrial() {}

    /** Trains a few steps on noise; in turns, so that whatever else the machine does meets both alike. */
    static Measured of(RunSpec run, Subject subject) {
        List<ImageBatch> noise =
                List.of(noise(run, subject.batchSize() * run.recipe().accumulate()));
        double fp32 = Double.MAX_VALUE;
        double bf16 = Double.MAX_VALUE;
        try (Learner exact = learner(run, Precision.FP32);
                Learner half = learner(run, Precision.BF16)) {
            // The first step of each finds nothing in place.
            millis(exact, noise);
            millis(half, noise);
            long begin = System.nanoTime();
            for (int k = 0; k < STEPS && System.nanoTime() - begin < ENOUGH_NANOS; k++) {
                // Whatever disturbs a step makes it longer.
                fp32 = Math.min(fp32, millis(exact, noise));
                bf16 = Math.min(bf16, millis(half, noise));
            }
        }
        return new Measured(subject, fp32, bf16);
    }

    private static Learner learner(RunSpec run, Precision precision) {
        Learner learner = Learner.create(
                run.network(),
                run.dataset().normalization(),
                run.dataset().height(),
                run.dataset().width(),
                run.recipe(),
                Torch.compute(precision, run.recipe().channelsLast()),
                0);
        // What is frozen at first only is trained in most of the steps.
        learner.beginEpoch(run.recipe().epochs());
        return learner;
    }

    private static double millis(Learner learner, List<ImageBatch> batch) {
        long begin = System.nanoTime();
        learner.step(batch, 0);
        learner.stats(); // waits for a GPU
        return (System.nanoTime() - begin) / 1e6;
    }

    private static ImageBatch noise(RunSpec run, int size) {
        SplittableRandom random = new SplittableRandom(0);
        BatchLoss loss = BatchLoss.of(run.recipe());
        Dataset dataset = run.dataset();
        byte[] pixels = new byte[size * dataset.channels() * dataset.height() * dataset.width()];
        random.nextBytes(pixels);
        return new ImageBatch(
                new BatchId(run.runId(), Split.TRAIN, 0, 0, 0),
                run.batchesPerEpoch(),
                Encoding.UINT8,
                dataset.normalization(),
                size,
                dataset.channels(),
                dataset.height(),
                dataset.width(),
                ByteBuffer.wrap(pixels),
                random.ints(size, 0, run.network().classes()).toArray(),
                "",
                loss.even(size, run.network().classes()),
                loss.equal(size));
    }
}
