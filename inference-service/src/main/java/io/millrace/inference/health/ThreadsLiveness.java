// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.health;

import io.millrace.inference.classify.InferenceQueue;
import io.millrace.inference.registry.ModelSwitch;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Startup;

/** Started and alive as long as the threads that classify and load are. Only a restart would bring a lost one back. */
@Liveness
@Startup
@Singleton
final class ThreadsLiveness implements HealthCheck {
    private final InferenceQueue queue;
    private final ModelSwitch modelSwitch;

    ThreadsLiveness(InferenceQueue queue, ModelSwitch modelSwitch) {
        this.queue = queue;
        this.modelSwitch = modelSwitch;
    }

    @Override
    public HealthCheckResponse call() {
        boolean classify = queue.alive();
        boolean load = modelSwitch.alive();
        return HealthCheckResponse.named("threads")
                .status(classify && load)
                .withData("workers", classify)
                .withData("model-switch", load)
                .build();
    }
}
