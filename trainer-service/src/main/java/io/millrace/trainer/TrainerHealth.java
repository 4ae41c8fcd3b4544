// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.kafka.BrokerWatch;
import io.millrace.store.StoreWatch;
import io.millrace.trainer.training.Trainer;
import io.millrace.trainer.training.Trainer.Phase;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Live as long as its threads are; ready when the store answers, and Kafka does, takes us, and
 * has been replayed. */
@Singleton
public class TrainerHealth {
    private static final String NAME = "trainer";

    private final Trainer trainer;
    private final BrokerWatch broker;
    private final StoreWatch store;

    TrainerHealth(Trainer trainer, BrokerWatch broker, StoreWatch store) {
        this.trainer = trainer;
        this.broker = broker;
        this.store = store;
    }

    private Optional<String> problem() {
        return store.problem().or(trainer::problem);
    }

    @Produces
    @Startup
    HealthCheck started() {
        return () -> response(trainer.phase() != Phase.STARTING);
    }

    @Produces
    @Liveness
    HealthCheck live() {
        return () -> response(trainer.alive());
    }

    @Produces
    @Readiness
    HealthCheck ready() {
        return () -> response(trainer.phase() == Phase.READY
                && broker.reachable()
                && problem().isEmpty());
    }

    private HealthCheckResponse response(boolean up) {
        HealthCheckResponseBuilder response = HealthCheckResponse.named(NAME)
                .status(up)
                .withData("phase", trainer.phase().name())
                .withData("brokerReachable", broker.reachable());
        problem().ifPresent(why -> response.withData("reason", why));
        return response.build();
    }
}
