// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * Knows whether the broker answers. Says once that it does not, and once that it does again; the clients' own warnings,
 * one per attempt, are switched off in {@code microprofile-config.properties}. Thread-safe.
 */
public final class BrokerWatch implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(BrokerWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final KafkaConnection connection;
    private final CountDownLatch firstAnswer = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean reachable;
    private volatile String reason;
    /** What has been said; null: that it answers. Of the watching thread alone. */
    private String said;

    /** Starts to watch. */
    public BrokerWatch(KafkaConnection connection) {
        this.connection = connection;
        this.thread = new Thread(this::watch, "broker-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether the broker answered the latest question. */
    public boolean reachable() {
        return reachable;
    }

    /** Why it does not answer us, with the remedy where there is one; empty when it answered the latest question. */
    public Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    /**
     * Waits until the broker has answered once, however long that takes.
     *
     * @return false when the watch was closed before
     */
    public boolean awaitReachable() throws InterruptedException {
        firstAnswer.await();
        return closed.getCount() > 0;
    }

    private void watch() {
        Admin admin = null;
        try {
            do {
                try {
                    admin = admin == null ? connection.admin("broker-watch") : admin;
                    admin.describeCluster().nodes().get(EVERY.toMillis() * 2, TimeUnit.MILLISECONDS);
                    tell(null);
                } catch (KafkaException | ExecutionException | TimeoutException e) {
                    // A client cannot be made while no name of a broker can be resolved: a container's name is there
                    // only when the container is.
                    LOGGER.debugf(e, "No answer from %s", connection.bootstrapServers());
                    // What a busy broker that refuses us answers too late is no other news.
                    tell(Refusal.of(e)
                            .or(() -> Optional.ofNullable(said))
                            .orElse("Kafka does not answer; retrying until it does"));
                }
            } while (!closed.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reachable = false;
            firstAnswer.countDown();
            if (admin != null) {
                admin.close(Duration.ZERO);
            }
        }
    }

    private void tell(String why) {
        if (why == null && said != null) {
            LOGGER.infof("Kafka answers again. bootstrapServers=%s", connection.bootstrapServers());
        } else if (why != null && !Objects.equals(why, said)) {
            LOGGER.warnf("%s. bootstrapServers=%s", why, connection.bootstrapServers());
        }
        said = why;
        reason = why;
        reachable = why == null;
        if (reachable) {
            firstAnswer.countDown();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }
}
