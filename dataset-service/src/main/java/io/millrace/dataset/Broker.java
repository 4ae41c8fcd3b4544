// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.millrace.kafka.BrokerWatch;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The Kafka broker: where it is and whether it answers. Thread-safe. */
@Singleton
public class Broker {
    private final String bootstrapServers;
    private final BrokerWatch watch;

    Broker(@ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.watch = new BrokerWatch(bootstrapServers);
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Whether it answered the latest question. */
    public boolean reachable() {
        return watch.reachable();
    }

    /** Knows when it answers. */
    public BrokerWatch watch() {
        return watch;
    }

    @PreDestroy
    void close() {
        watch.close();
    }
}
