// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.feedback;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Feedback;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.LiveScores;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.feedback.LiveScore;
import io.millrace.kafka.feedback.Tally;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What people say of answers, in {@link Topic#FEEDBACK}: this replica writes what it hears, and reads what all of them wrote. Apart from the
 * promotions, so that a grant that is missing here stops this and nothing else. Thread-safe.
 */
@Singleton
final class FeedbackLog implements LiveScores {
    private static final String SOURCE = "/inference-service";
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final int MOST_ANSWERS = 20_000;
    private static final int MOST_VERSIONS = 100;
    private static final int MOST_WAITING_MILLIS = 10_000;
    private static final int MOST_WAITING = 256;

    private final Tally tally = new Tally(MOST_ANSWERS, MOST_VERSIONS);
    private final InferenceMetrics metrics;
    /** A producer's first record waits for what the broker says of the topic; one such wait at a time. */
    private final ExecutorService writing =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), work -> {
                Thread thread = new Thread(work, "feedback");
                thread.setDaemon(true);
                return thread;
            });

    private volatile KafkaConnection connection;
    private volatile BrokerWatch broker;
    private volatile EventTable table;
    private volatile KafkaProducer<String, byte[]> producer;

    FeedbackLog(InferenceMetrics metrics) {
        this.metrics = metrics;
    }

    void start(
            @Observes StartupEvent event,
            InferenceConfig configuration,
            Instance<KafkaConnection> kafka,
            Instance<BrokerWatch> watch) {
        if (configuration.file().isPresent()) {
            return;
        }
        connection = kafka.get();
        broker = watch.get();
        metrics.showFeedback(tally::of);
        table = new EventTable(connection, broker)
                .follow(Topic.FEEDBACK, Feedback.class, tally)
                .start();
    }

    /** Whether there is Kafka to write to. */
    boolean active() {
        return table != null;
    }

    /**
     * Writes what somebody said. Done when the broker has it.
     *
     * @param over whether nobody waits for it any more: who was told to say it again is not written down twice
     * @return failed with {@link UnavailableException} while that cannot be
     */
    CompletionStage<Void> write(Feedback said, BooleanSupplier over) {
        Optional<String> problem = table.problem().or(broker::reason);
        if (problem.isPresent()) {
            return CompletableFuture.failedStage(notNow(problem.get()));
        }
        CompletableFuture<Void> written = new CompletableFuture<>();
        try {
            writing.execute(() -> {
                if (!over.getAsBoolean()) {
                    send(said, written);
                }
            });
        } catch (RejectedExecutionException e) {
            written.completeExceptionally(notNow(
                    writing.isShutdown()
                            ? "the service is stopping"
                            : MOST_WAITING + " others wait for Kafka already"));
        }
        return written;
    }

    private void send(Feedback said, CompletableFuture<Void> written) {
        try {
            if (producer == null) {
                producer = connection.producer(Map.of(
                        ProducerConfig.CLIENT_ID_CONFIG,
                        "feedback",
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        MOST_WAITING_MILLIS,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        MOST_WAITING_MILLIS / 2,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        MOST_WAITING_MILLIS));
            }
            CloudEvent about = CloudEvent.of(Topic.FEEDBACK, UUID.randomUUID().toString(), SOURCE);
            producer.send(
                    new ProducerRecord<>(
                            Topic.FEEDBACK.name(),
                            null,
                            said.key(),
                            EventCodec.encode(said),
                            CloudEventHeaders.of(about)),
                    (place, failure) -> {
                        if (failure == null) {
                            written.complete(null);
                        } else {
                            written.completeExceptionally(notNow(reason(failure)));
                        }
                    });
        } catch (RuntimeException e) {
            written.completeExceptionally(notNow(reason(e)));
        }
    }

    private static String reason(Exception failure) {
        return io.millrace.kafka.Refusal.of(failure).orElseGet(() -> String.valueOf(failure.getMessage()));
    }

    private static UnavailableException notNow(String why) {
        return new UnavailableException(
                Refusal.FEEDBACK,
                "what you say cannot be kept now: " + why + "; say it again in a moment",
                RETRY_AFTER);
    }

    @Override
    public LiveScore of(String version) {
        return tally.of(version);
    }

    /** Versions of a model of which something was said, the latest first. */
    List<Tally.Scored> ofModel(String model) {
        return tally.ofModel(model);
    }

    void stop(@Observes ShutdownEvent event) {
        if (table != null) {
            table.close();
        }
        writing.shutdownNow();
        KafkaProducer<String, byte[]> made = producer;
        if (made != null) {
            made.close(Duration.ofSeconds(1));
        }
    }
}
