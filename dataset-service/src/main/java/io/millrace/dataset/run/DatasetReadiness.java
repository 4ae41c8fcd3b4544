// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.dataset.Broker;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready to start and publish runs: the broker answers, its log has been read, and no run lacks its data set. */
@Readiness
@Singleton
class DatasetReadiness implements HealthCheck {
    private final Broker broker;
    private final RunRegistry registry;
    private final StartupRun startupRun;

    DatasetReadiness(Broker broker, RunRegistry registry, StartupRun startupRun) {
        this.broker = broker;
        this.registry = registry;
        this.startupRun = startupRun;
    }

    @Override
    public HealthCheckResponse call() {
        boolean reachable = broker.reachable();
        boolean replayed = registry.isReplayed();
        String dataset = registry.trouble().orElse(startupRun.settled() ? "usable" : "being prepared");
        return HealthCheckResponse.named("dataset-service")
                .status(reachable && replayed && dataset.equals("usable"))
                .withData("broker", reachable ? "reachable" : "unreachable")
                .withData("log", replayed ? "replayed" : "not replayed yet")
                .withData("dataset", dataset)
                .build();
    }
}
