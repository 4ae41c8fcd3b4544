// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.kafka.KafkaConnection;
import java.util.Map;

/** How the command itself reaches a stack's broker. */
public final class Connections {
    private static final String KEYS = "kafka.";

    private Connections() {}

    /**
     * A connection with everything under {@code kafka.*}, as the services take it: from the environment, over that from
     * further settings, and over both the address of the stack's own broker.
     */
    public static KafkaConnection of(Ports ports, Map<String, String> settings, Map<String, String> environment) {
        return KafkaConnection.of(settings(ports, settings, environment));
    }

    static Map<String, String> settings(Ports ports, Map<String, String> settings, Map<String, String> environment) {
        Map<String, String> all = KafkaConnection.settings(environment);
        settings.forEach((key, value) -> {
            if (key.startsWith(KEYS)) {
                all.put(key.substring(KEYS.length()), value);
            }
        });
        all.put("bootstrap.servers", ports.bootstrapServers());
        return all;
    }
}
