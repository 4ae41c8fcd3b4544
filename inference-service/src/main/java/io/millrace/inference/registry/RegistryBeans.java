// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.LostThread;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.checkpoint.CheckpointStore;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What this feature is made of. */
final class RegistryBeans {
    @Produces
    @Singleton
    LatestPromotion latest(InferenceConfig configuration) {
        return new LatestPromotion(configuration.model());
    }

    @Produces
    @Singleton
    CheckpointSource source(InferenceConfig configuration, CheckpointStore store) {
        return configuration.file().<CheckpointSource>map(ServedFile::new).orElse(store::read);
    }

    @Produces
    @Singleton
    ModelSwitch modelSwitch(
            LatestPromotion latest,
            ModelLoader loader,
            ModelRegistry registry,
            ShadowSlot shadow,
            InferenceMetrics metrics,
            InferenceConfig configuration) {
        Backoff backoff =
                new Backoff(configuration.loadAttempts(), configuration.loadBackoff(), configuration.maxLoadBackoff());
        return new ModelSwitch(latest, loader, registry, shadow, metrics, backoff, new LostThread());
    }

    void close(@Disposes ModelSwitch modelSwitch) throws InterruptedException {
        modelSwitch.close();
    }

    @Produces
    @Singleton
    EventTable promotions(KafkaConnection connection, BrokerWatch broker, LatestPromotion latest) {
        return new EventTable(connection, broker).follow(Topic.PROMOTIONS, ModelPromoted.class, latest);
    }

    void close(@Disposes EventTable promotions) {
        promotions.close();
    }
}
