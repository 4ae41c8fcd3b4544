// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    @Test
    void settingsWinOverTheEnvironmentAndTheStacksOwnBrokerOverBoth() {
        Map<String, String> settings = Connections.settings(
                new Ports(9000),
                Map.of("kafka.sasl.mechanism", "PLAIN", "millrace.trainer.threads", "1"),
                Map.of(
                        "KAFKA_SASL_MECHANISM", "SCRAM-SHA-512",
                        "KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
                        "KAFKA_BOOTSTRAP_SERVERS", "elsewhere:9092",
                        "PATH", "/bin"));

        assertThat(settings)
                .isEqualTo(Map.of(
                        "sasl.mechanism", "PLAIN",
                        "security.protocol", "SASL_SSL",
                        "bootstrap.servers", "127.0.0.1:9012"));
    }
}
