// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.health;

import io.millrace.inference.registry.ModelCard;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.ModelSwitch;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventTable;
import io.millrace.store.StoreWatch;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready as long as there is a model to answer with; a broker or a store that is away changes nothing about that.
 * Neither is even asked for by a service that has its model from a file.
 */
@Readiness
@Singleton
final class ModelReadiness implements HealthCheck {
    private final ModelRegistry registry;
    private final ModelSwitch modelSwitch;
    private final Instance<BrokerWatch> broker;
    private final Instance<EventTable> promotions;
    private final StoreWatch store;

    ModelReadiness(
            ModelRegistry registry,
            ModelSwitch modelSwitch,
            Instance<BrokerWatch> broker,
            Instance<EventTable> promotions,
            StoreWatch store) {
        this.registry = registry;
        this.modelSwitch = modelSwitch;
        this.broker = broker;
        this.promotions = promotions;
        this.store = store;
    }

    @Override
    public HealthCheckResponse call() {
        Optional<ModelCard> model = registry.card();
        HealthCheckResponseBuilder response = HealthCheckResponse.named("model").status(model.isPresent());
        model.ifPresentOrElse(
                card -> response.withData("model", card.name()).withData("version", card.version()),
                () -> response.withData("reason", whyNone()));
        return response.build();
    }

    private String whyNone() {
        return modelSwitch
                .problem()
                .or(() -> broker.get().reason())
                .or(() -> promotions.get().problem())
                .or(store::problem)
                .orElse("no model is loaded yet; one is as soon as a checkpoint was promoted");
    }
}
