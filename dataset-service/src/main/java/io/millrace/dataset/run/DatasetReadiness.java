// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.kafka.BrokerWatch;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready to start and publish runs: the broker answers, its topics have been read, and no run lacks its data set. */
@Readiness
@Singleton
class DatasetReadiness implements HealthCheck {
    private final BrokerWatch broker;
    private final RunEvents events;
    private final RunRegistry registry;
    private final StartupRun startupRun;

    DatasetReadiness(BrokerWatch broker, RunEvents events, RunRegistry registry, StartupRun startupRun) {
        this.broker = broker;
        this.events = events;
        this.registry = registry;
        this.startupRun = startupRun;
    }

    /** What is missing; empty when nothing is. */
    private Optional<String> whyNot() {
        if (!broker.reachable()) {
            return broker.reason().or(() -> Optional.of("Kafka has not answered yet"));
        }
        if (events.problem().isPresent()) {
            return events.problem();
        }
        if (!events.isReplayed()) {
            return Optional.of("reading the runs that there are");
        }
        return registry.trouble()
                .or(() -> startupRun.settled() ? Optional.empty() : Optional.of("preparing the data set"));
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("dataset-service");
        return whyNot().map(why -> response.down().withData("reason", why).build())
                .orElseGet(() -> response.up().build());
    }
}
