// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.kafka.BrokerWatch;
import io.millrace.store.StoreWatch;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready: broker and store answer, and everything that was evaluated and promoted before is known. */
@Readiness
@Singleton
public class EvaluatorReadiness implements HealthCheck {
    private final BrokerWatch broker;
    private final Journal journal;
    private final CheckpointConsumer checkpoints;
    private final StoreWatch store;

    EvaluatorReadiness(BrokerWatch broker, Journal journal, CheckpointConsumer checkpoints, StoreWatch store) {
        this.broker = broker;
        this.journal = journal;
        this.checkpoints = checkpoints;
        this.store = store;
    }

    /** What is missing; empty when nothing is. */
    Optional<String> whyNot() {
        if (!broker.reachable()) {
            return broker.reason().or(() -> Optional.of("Kafka has not answered yet"));
        }
        return journal.problem().or(checkpoints::refused).or(store::problem);
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("evaluator");
        return whyNot().map(why -> response.down().withData("reason", why).build())
                .orElseGet(() -> response.up().build());
    }
}
