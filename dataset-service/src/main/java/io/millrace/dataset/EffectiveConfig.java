// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;

/** Says at start what the service runs with, defaults included, in one line. There are no secrets among it. */
@Singleton
class EffectiveConfig {
    private static final List<String> FOREIGN =
            List.of("kafka.bootstrap.servers", "quarkus.http.host", "quarkus.http.port");

    private final Config config;

    EffectiveConfig(Config config) {
        this.config = config;
    }

    void onStart(@Observes @Priority(1) StartupEvent event) {
        Stream<String> own = StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                .filter(name -> name.startsWith("millrace.dataset."));
        String line = Stream.concat(FOREIGN.stream(), own.sorted())
                .map(name -> name + "=" + config.getConfigValue(name).getValue())
                .collect(Collectors.joining(" "));
        Log.infof("Configuration. %s", line);
    }
}
