// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerDownIT {
    @TempDir
    private Path store;

    @Test
    void isLiveButNotReadyAndSaysSoOnceWhileTheBrokerIsDown() {
        int port = TrainerProcess.freePort();
        try (TrainerProcess trainer = TrainerProcess.start("127.0.0.1:" + port, store)) {
            // When
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                assertThat(trainer.status("/q/health/live")).isEqualTo(200);
                assertThat(trainer.log()).contains("Kafka does not answer");
            });
            await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                assertThat(trainer.status("/q/health/live")).isEqualTo(200);
                assertThat(trainer.status("/q/health/ready")).isEqualTo(503);
            });

            // Then
            assertThat(trainer.run().path("state").asText()).isEqualTo("idle");
            assertThat(trainer.log().split("Kafka does not answer", -1)).hasSize(2);
            assertThat(trainer.log().lines().filter(line -> line.contains("WARN") || line.contains("ERROR")))
                    .hasSize(1);
        }
    }
}
