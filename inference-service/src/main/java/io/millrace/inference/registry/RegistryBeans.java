// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.LostThread;
import io.millrace.kafka.BrokerWatch;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What this feature is made of. */
final class RegistryBeans {
    @Produces
    @Singleton
    LatestPromotion latest(InferenceConfig configuration) {
        return new LatestPromotion(configuration.model());
    }

    @Produces
    @Singleton
    BrokerWatch broker(@ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers) {
        return new BrokerWatch(bootstrapServers);
    }

    void close(@Disposes BrokerWatch broker) {
        broker.close();
    }

    @Produces
    @Singleton
    ModelSwitch modelSwitch(
            LatestPromotion latest,
            ModelLoader loader,
            ModelRegistry registry,
            InferenceMetrics metrics,
            InferenceConfig configuration) {
        Backoff backoff =
                new Backoff(configuration.loadAttempts(), configuration.loadBackoff(), configuration.maxLoadBackoff());
        return new ModelSwitch(latest, loader, registry, metrics, backoff, new LostThread());
    }

    void close(@Disposes ModelSwitch modelSwitch) throws InterruptedException {
        modelSwitch.close();
    }

    @Produces
    @Singleton
    PromotionReplay replay(
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers,
            BrokerWatch broker,
            LatestPromotion latest,
            ModelSwitch modelSwitch) {
        return new PromotionReplay(bootstrapServers, broker, latest, modelSwitch::start, new LostThread());
    }

    void close(@Disposes PromotionReplay replay) {
        replay.close();
    }
}
