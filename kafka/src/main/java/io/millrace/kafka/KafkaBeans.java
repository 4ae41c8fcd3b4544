// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Map;

/** The one connection of a service, and the watch on it. */
class KafkaBeans {
    /** @param settings everything under {@code kafka.*}, as Quarkus collects it for its own channels */
    @Produces
    @Singleton
    KafkaConnection connection(@Identifier("default-kafka-broker") Map<String, Object> settings) {
        return KafkaConnection.of(settings);
    }

    @Produces
    @Singleton
    BrokerWatch broker(KafkaConnection connection) {
        return new BrokerWatch(connection);
    }

    void stop(@Disposes BrokerWatch broker) {
        broker.close();
    }
}
