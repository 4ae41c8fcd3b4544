// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.evaluator.promote.Promoter;
import io.millrace.evaluator.retention.Retention;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Replay;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Tidies the store when a run has ended or was removed or another checkpoint is promoted, and sweeps it now and then; after
 * each evaluation it is tidied anyway. A thread of its own: what comes in by the log must not wait for the store.
 */
@Singleton
class Housekeeping {
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final KafkaConnection connection;
    private final Journal journal;
    private final Promoter promoter;
    private final Retention retention;
    private final Duration orphanAge;
    private final Semaphore news = new Semaphore(0);
    private final Thread thread = new Thread(this::work, "housekeeping");

    Housekeeping(
            KafkaConnection connection,
            Journal journal,
            Promoter promoter,
            Retention retention,
            EvaluatorConfig config) {
        this.connection = connection;
        this.journal = journal;
        this.promoter = promoter;
        this.retention = retention;
        this.orphanAge = config.orphanAge();
        thread.setDaemon(true);
    }

    void start() {
        journal.onNews(news::release);
        thread.start();
    }

    /** Only when all is known: half of what was promoted protects half of it. */
    private void work() {
        Instant swept = Instant.EPOCH;
        Duration pause = orphanAge;
        try {
            while (true) {
                news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                news.drainPermits();
                Instant before = Instant.now().minus(orphanAge);
                boolean sweep = swept.isBefore(before);
                boolean done = journal.problem().isEmpty() && tidied(sweep, before);
                swept = done && sweep ? Instant.now() : swept;
                pause = done ? orphanAge : RETRY;
            }
        } catch (InterruptedException e) {
            Log.debug("Housekeeping ends with the service");
        }
    }

    private boolean tidied(boolean sweep, Instant before) {
        try {
            journal.catchUp();
            promoter.exclusively(() -> {
                retention.tidy();
                if (sweep) {
                    retention.sweep(before, this::announced);
                }
            });
            return true;
        } catch (KafkaException e) {
            Log.warnf("The store is tidied later. reason=\"%s\"", e.getMessage());
        } catch (RuntimeException e) {
            Log.error("The store could not be tidied", e);
        }
        return false;
    }

    /** The addresses of all weights that were announced. */
    private Set<String> announced() {
        Set<String> uris = new HashSet<>();
        try (KafkaConsumer<String, byte[]> consumer = connection.consumer(Map.of())) {
            Replay.each(consumer, new TopicPartition(Topic.CHECKPOINTS.name(), 0), 0, record -> {
                try {
                    uris.add(EventCodec.decode(record.value(), CheckpointPublished.class)
                            .checkpoint()
                            .uri());
                } catch (MalformedEventException e) {
                    Log.debugf("An announcement cannot be read. offset=%d", record.offset());
                }
            });
        }
        return uris;
    }

    void close() throws InterruptedException {
        thread.interrupt();
        thread.join(CLOSE.toMillis());
    }
}
