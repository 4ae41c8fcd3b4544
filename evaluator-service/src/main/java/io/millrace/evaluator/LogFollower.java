// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.Topic;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.TopicAdmin;
import io.quarkus.logging.Log;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.Liveness;

/**
 * Brings the service from nothing to ready, and keeps it there: waits for the broker, creates the topics, replays the
 * journal, and follows it. Thread-safe.
 */
@Singleton
public class LogFollower {
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Set<Topic> TOPICS = Set.of(
            Topic.CHECKPOINTS,
            Topic.CHECKPOINTS.deadLetters(),
            Topic.TEST_BATCHES,
            Topic.TEST_BATCHES.deadLetters(),
            Topic.EVALUATIONS,
            Topic.PROMOTIONS);

    private final String bootstrapServers;
    private final BrokerWatch broker;
    private final Journal journal;
    private final Leaderboard leaderboard;
    private final EvaluatorMetrics metrics;
    private final EvaluatorLiveness liveness;
    private final CountDownLatch replayed = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::follow, "log-follower");

    LogFollower(
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers,
            BrokerWatch broker,
            Journal journal,
            Leaderboard leaderboard,
            EvaluatorMetrics metrics,
            @Liveness EvaluatorLiveness liveness) {
        this.bootstrapServers = bootstrapServers;
        this.broker = broker;
        this.journal = journal;
        this.leaderboard = leaderboard;
        this.metrics = metrics;
        this.liveness = liveness;
    }

    /** Begins. */
    void start() {
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((ended, error) -> liveness.stopped(error));
        thread.start();
    }

    /** Whether everything that was in the log at the start is known. */
    boolean replayed() {
        return replayed.getCount() == 0;
    }

    /**
     * Waits until everything that was in the log at the start is known.
     *
     * @throws InterruptedException when the service stops before
     */
    void awaitReplayed() throws InterruptedException {
        while (!replayed.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
            if (closed()) {
                throw new InterruptedException("stopped before the log was replayed");
            }
        }
    }

    /** Whether the service is stopping. */
    boolean closed() {
        return closed.getCount() == 0;
    }

    /**
     * Waits before something that the broker failed at is tried again.
     *
     * @throws InterruptedException when the service is stopping
     */
    void pause() throws InterruptedException {
        if (closed.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("stopped");
        }
    }

    private void follow() {
        try {
            broker.awaitReachable();
            boolean ensured = false;
            boolean said = false;
            do {
                try {
                    if (!ensured) {
                        TopicAdmin.ensure(bootstrapServers, TOPICS);
                        ensured = true;
                    }
                    journal.catchUp();
                    metrics.show(leaderboard);
                    replayed.countDown();
                    said = false;
                } catch (KafkaException e) {
                    said = said || sayBehind(e);
                }
            } while (!closed.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Once, not per attempt; that the broker is away altogether, the watch says. */
    private boolean sayBehind(KafkaException e) {
        if (broker.reachable()) {
            Log.warnf(
                    e,
                    "The log cannot be followed; trying on. topics=%s",
                    TOPICS.stream().map(Topic::name).toList());
        }
        return broker.reachable();
    }

    @PreDestroy
    void close() {
        closed.countDown();
    }
}
