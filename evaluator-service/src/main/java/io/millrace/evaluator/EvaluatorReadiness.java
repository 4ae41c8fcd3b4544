// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.kafka.BrokerWatch;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready: the broker answers, and everything that was evaluated and promoted before is known. */
@Readiness
@Singleton
public class EvaluatorReadiness implements HealthCheck {
    private final BrokerWatch broker;
    private final LogFollower follower;

    EvaluatorReadiness(BrokerWatch broker, LogFollower follower) {
        this.broker = broker;
        this.follower = follower;
    }

    /** What is missing; empty when nothing is. */
    Optional<String> whyNot() {
        if (!broker.reachable()) {
            return Optional.of("Kafka does not answer");
        }
        return follower.replayed() ? Optional.empty() : Optional.of("the log is being replayed");
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("evaluator");
        return whyNot().map(why -> response.down().withData("reason", why).build())
                .orElseGet(() -> response.up().build());
    }
}
