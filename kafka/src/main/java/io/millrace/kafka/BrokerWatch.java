// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
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

    private final String bootstrapServers;
    private final CountDownLatch firstAnswer = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean reachable;
    /** That the broker does not answer has been said. Of the watching thread alone. */
    private boolean silent;

    /** Starts to watch. */
    public BrokerWatch(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.thread = new Thread(this::watch, "broker-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether the broker answered the latest question. */
    public boolean reachable() {
        return reachable;
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
                admin = admin == null ? open() : admin;
                tell(admin != null && answers(admin));
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

    /** Null while no name of a broker can be resolved: a container's name is there only when the container is. */
    private Admin open() {
        Map<String, Object> settings = new HashMap<>(Clients.common(bootstrapServers));
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, "broker-watch");
        try {
            return Admin.create(settings);
        } catch (KafkaException e) {
            LOGGER.debugf(e, "No client for %s", bootstrapServers);
            return null;
        }
    }

    private void tell(boolean answered) {
        if (answered && silent) {
            LOGGER.infof("Kafka answers again. bootstrapServers=%s", bootstrapServers);
        } else if (!answered && !silent) {
            LOGGER.warnf("Kafka does not answer; retrying until it does. bootstrapServers=%s", bootstrapServers);
        }
        silent = !answered;
        reachable = answered;
        if (answered) {
            firstAnswer.countDown();
        }
    }

    private boolean answers(Admin admin) throws InterruptedException {
        try {
            admin.describeCluster().nodes().get(EVERY.toMillis() * 2, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOGGER.debugf(e, "No answer from %s", bootstrapServers);
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }
}
