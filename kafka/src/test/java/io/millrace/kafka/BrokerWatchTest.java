// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class BrokerWatchTest {
    /** RFC 2606 keeps this domain from ever existing. */
    private static final String NOBODY = "broker.invalid:9092";

    @Test
    void goesOnWaitingWhileTheNameOfTheBrokerCannotBeResolved() throws Exception {
        BrokerWatch watch = new BrokerWatch(KafkaConnection.of(NOBODY));
        CompletableFuture<Boolean> answer = CompletableFuture.supplyAsync(() -> await(watch));
        Awaitility.await().during(Duration.ofSeconds(1)).until(() -> !answer.isDone());
        assertThat(watch.reachable()).isFalse();
        assertThat(watch.reason()).contains("Kafka does not answer; retrying until it does");
        watch.close();
        assertThat(answer.get(10, TimeUnit.SECONDS)).isFalse();
    }

    /** An operator may mend a file that the settings name. */
    @Test
    void saysThatTheSettingsCannotBeUsedAndTriesOn() {
        KafkaConnection wrong = KafkaConnection.of(Map.of(
                "bootstrap.servers",
                "127.0.0.1:9",
                "security.protocol",
                "SSL",
                "ssl.truststore.location",
                "/nowhere/truststore.p12",
                "ssl.truststore.password",
                "secret"));
        try (BrokerWatch watch = new BrokerWatch(wrong)) {
            Awaitility.await().until(() -> watch.reason().isPresent());

            assertThat(watch.reason().get())
                    .startsWith("the settings under kafka.* cannot be used (")
                    .contains("/nowhere/truststore.p12")
                    .doesNotContain("secret");
        }
    }

    private static boolean await(BrokerWatch watch) {
        try {
            return watch.awaitReachable();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
