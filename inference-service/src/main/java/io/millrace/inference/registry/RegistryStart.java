// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.InferenceConfig;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.millrace.store.StoreConfig;
import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;

/** Begins to follow the promotions when the service starts, and says with which settings. */
final class RegistryStart {
    void start(
            @Observes StartupEvent event,
            EventTable promotions,
            ModelSwitch modelSwitch,
            InferenceConfig configuration,
            StoreConfig checkpoints,
            KafkaConnection connection) {
        Log.infof(
                "Starting. kafka.bootstrap.servers=%s millrace.checkpoints.uri=%s model=%s workers=%d maxPending=%d"
                        + " maxImages=%d maxPixels=%d loadAttempts=%d",
                connection.bootstrapServers(),
                checkpoints.uri(),
                configuration.model().orElse("(last promoted)"),
                configuration.workers(),
                configuration.maxPending(),
                configuration.maxImages(),
                configuration.maxPixels(),
                configuration.loadAttempts());
        modelSwitch.start();
        promotions.start();
    }
}
