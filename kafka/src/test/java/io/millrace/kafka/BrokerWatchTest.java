// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class BrokerWatchTest {
    /** RFC 2606 keeps this domain from ever existing. */
    private static final String NOBODY = "broker.invalid:9092";

    @Test
    void goesOnWaitingWhileTheNameOfTheBrokerCannotBeResolved() throws Exception {
        BrokerWatch watch = new BrokerWatch(NOBODY);
        CompletableFuture<Boolean> answer = CompletableFuture.supplyAsync(() -> await(watch));
        Awaitility.await().during(Duration.ofSeconds(1)).until(() -> !answer.isDone());
        assertThat(watch.reachable()).isFalse();
        watch.close();
        assertThat(answer.get(10, TimeUnit.SECONDS)).isFalse();
    }

    private static boolean await(BrokerWatch watch) {
        try {
            return watch.awaitReachable();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
