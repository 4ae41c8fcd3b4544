// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.InferenceConfig;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.millrace.store.StoreConfig;
import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Begins to follow the promotions when the service starts, or loads the one file that it is to serve, and says with which
 * settings.
 */
final class RegistryStart {
    void start(
            @Observes StartupEvent event,
            Instance<EventTable> promotions,
            CheckpointSource source,
            ModelLoader loader,
            ModelRegistry registry,
            ModelSwitch modelSwitch,
            InferenceConfig configuration,
            StoreConfig checkpoints,
            KafkaConnection connection) {
        Log.infof(
                "Starting. kafka.bootstrap.servers=%s millrace.checkpoints.uri=%s file=%s model=%s workers=%d maxBatch=%d batchDelay=%s"
                        + " defaultTimeout=%s maxPending=%d maxImages=%d maxPixels=%d loadAttempts=%d",
                connection.bootstrapServers(),
                checkpoints.uri(),
                configuration.file().map(Path::toString).orElse("(none)"),
                configuration.model().orElse("(last promoted)"),
                configuration.workers(),
                configuration.maxBatch(),
                configuration.batchDelay(),
                configuration.defaultTimeout(),
                configuration.maxPending(),
                configuration.maxImages(),
                configuration.maxPixels(),
                configuration.loadAttempts());
        if (source instanceof ServedFile file) {
            serve(file, loader, registry);
        } else {
            modelSwitch.start();
            promotions.get().start();
        }
    }

    private static void serve(ServedFile file, ModelLoader loader, ModelRegistry registry) {
        try {
            loader.prepare();
            registry.serve(loader.load(file.candidate()));
        } catch (IOException | UnusableModelException e) {
            throw new IllegalArgumentException(
                    "millrace.inference.file is \"" + file + "\", which cannot be served: " + e.getMessage()
                            + (e.getCause() == null ? "" : ": " + e.getCause().getMessage())
                            + ". Name the weights of a checkpoint that Millrace wrote",
                    e);
        }
    }
}
