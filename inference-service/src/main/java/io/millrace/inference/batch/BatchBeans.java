// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.batch;

import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.LostThread;
import io.millrace.inference.decode.Decoders;
import io.millrace.model.Torch;
import io.quarkus.logging.Log;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What this feature is made of. */
final class BatchBeans {
    @Produces
    @Singleton
    Batchers batchers(InferenceConfig configuration, Decoders decoders, InferenceMetrics metrics) {
        return new Batchers(
                workers(configuration),
                new BatchLimits(configuration.maxBatch(), configuration.batchDelay()),
                decoders::coming,
                metrics,
                new LostThread());
    }

    /** More than processors would only wait for each other. */
    private static int workers(InferenceConfig configuration) {
        int processors = configuration.threads().orElseGet(Torch::threads);
        if (configuration.workers() > processors) {
            Log.warnf(
                    "millrace.inference.workers is %d, and the network is computed on %d processors: %d workers it is",
                    configuration.workers(), processors, processors);
        }
        return Math.min(configuration.workers(), processors);
    }

    void close(@Disposes Batchers batchers) throws InterruptedException {
        batchers.close();
    }
}
