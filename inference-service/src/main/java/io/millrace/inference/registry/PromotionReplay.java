// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventLog;
import io.millrace.kafka.TopicAdmin;
import io.quarkus.logging.Log;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;

/**
 * The start: waits for the broker, then reads all promotions before the first model is loaded, so that a restart loads
 * the one that counts and not those before it.
 */
final class PromotionReplay implements AutoCloseable {
    private static final long RETRY_MILLIS = 1_000;

    private final String bootstrapServers;
    private final BrokerWatch broker;
    private final LatestPromotion latest;
    private final Runnable then;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::replay, "promotion-replay");

    PromotionReplay(
            String bootstrapServers,
            BrokerWatch broker,
            LatestPromotion latest,
            Runnable then,
            Thread.UncaughtExceptionHandler lost) {
        this.bootstrapServers = bootstrapServers;
        this.broker = broker;
        this.latest = latest;
        this.then = then;
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(lost);
        thread.start();
    }

    private void replay() {
        try {
            boolean more = broker.awaitReachable();
            while (more && !replayed()) {
                more = !closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
            if (more) {
                then.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean replayed() {
        try {
            TopicAdmin.ensure(bootstrapServers, List.of(Topic.PROMOTIONS));
            EventLog.readAll(bootstrapServers, Topic.PROMOTIONS, ModelPromoted.class).stream()
                    .filter(entry -> entry.value() != null)
                    .forEach(entry -> latest.offer(entry.value(), entry.offset()));
            return true;
        } catch (KafkaException e) {
            // That the broker is away, the watch says, once.
            if (broker.reachable()) {
                Log.warnf("Promotions cannot be read yet, trying again. reason=\"%s\"", e);
            }
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }
}
