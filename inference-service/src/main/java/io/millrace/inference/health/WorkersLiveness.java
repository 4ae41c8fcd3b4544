// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.health;

import io.millrace.inference.classify.InferenceQueue;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Startup;

/** Started and alive as long as the threads that classify are. Only a restart would bring a lost one back. */
@Liveness
@Startup
@Singleton
final class WorkersLiveness implements HealthCheck {
    private final InferenceQueue queue;

    WorkersLiveness(InferenceQueue queue) {
        this.queue = queue;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("workers").status(queue.alive()).build();
    }
}
