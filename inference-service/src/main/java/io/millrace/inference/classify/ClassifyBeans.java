// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.http.BodyBudget;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.LostThread;
import io.millrace.inference.image.ImageDecoder;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What this feature is made of. */
final class ClassifyBeans {
    @Produces
    @Singleton
    InferenceQueue queue(InferenceConfig configuration, InferenceMetrics metrics) {
        InferenceQueue queue = new InferenceQueue(
                configuration.workers(),
                configuration.maxPending(),
                jobs -> new Worker(jobs, metrics),
                new LostThread());
        metrics.showPending(queue::pending);
        return queue;
    }

    void close(@Disposes InferenceQueue queue) throws InterruptedException {
        queue.close();
    }

    @Produces
    @Singleton
    ImageDecoder decoder(InferenceConfig configuration) {
        return new ImageDecoder(configuration.maxPixels());
    }

    @Produces
    @Singleton
    BodyBudget bodyBudget(InferenceConfig configuration) {
        return configuration
                .maxBodyMemory()
                .map(MemorySize::asLongValue)
                .map(BodyBudget::new)
                .orElseGet(BodyBudget::new);
    }
}
