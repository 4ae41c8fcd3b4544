// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.DatasetMetrics;
import io.millrace.dataset.run.LogLimits;
import io.millrace.dataset.run.RunEvents;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.Decoders;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Refusal;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/**
 * The thread that publishes: one session after the other. What can be mended from outside (a broker that is away or does
 * not allow something) ends a session, what cannot (another instance has taken over) stops the service.
 */
@Singleton
class Publisher {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration STOP = Duration.ofSeconds(10);

    private final KafkaConnection connection;
    private final BrokerWatch broker;
    private final LogLimits limits;
    private final EndedLogs.Limits endedLimits;
    private final RunEvents events;
    private final RunRegistry registry;
    private final DatasetCatalog catalog;
    private final Decoders decoders;
    private final DatasetMetrics metrics;
    private final MeterRegistry meters;
    private final Thread thread = new Thread(this::run, "publisher");
    /** Why Kafka refuses us, as it was said last. Of the thread alone. */
    private String said;

    Publisher(
            KafkaConnection connection,
            BrokerWatch broker,
            DatasetConfig config,
            RunEvents events,
            RunRegistry registry,
            DatasetCatalog catalog,
            Decoders decoders,
            DatasetMetrics metrics,
            MeterRegistry meters) {
        this.connection = connection;
        this.broker = broker;
        this.limits = LogLimits.of(config);
        this.endedLimits = EndedLogs.Limits.of(config);
        this.events = events;
        this.registry = registry;
        this.catalog = catalog;
        this.decoders = decoders;
        this.metrics = metrics;
        this.meters = meters;
    }

    /** Only when the port is ours: a second instance started by mistake must not fence the first one. */
    void onStart(@ObservesAsync HttpServerStart event) {
        thread.start();
    }

    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        thread.interrupt();
        thread.join(STOP.toMillis());
    }

    private void run() {
        try {
            while (true) {
                while (!broker.reachable() || !events.isReplayed()) {
                    registry.awaitChange(registry.version(), POLL);
                }
                session();
            }
        } catch (InterruptedException | InterruptException e) {
            Log.debug("Publishing ends with the service");
        } catch (RuntimeException | Error e) {
            // An error too: alive without its publisher, the service would look well and do nothing.
            Log.fatal("Publishing cannot go on; the service stops. Started again, it goes on where the logs end", e);
            Quarkus.asyncExit(1);
        }
    }

    private void session() throws InterruptedException {
        try (PublishingSession session = new PublishingSession(
                connection, limits, endedLimits, events, registry, catalog, decoders, metrics, meters)) {
            session.open();
            registry.publishingProblem(null);
            said = null;
            session.work();
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            interrupted(e);
            Thread.sleep(RETRY.toMillis());
        }
    }

    private void interrupted(KafkaException e) {
        if (isTakenOver(e)) {
            throw new IllegalStateException(
                    "another dataset-service has taken over (or this one slept too long); only one may write", e);
        }
        Optional<String> refusal = Refusal.of(e);
        if (refusal.isEmpty()) {
            Log.infof("Publishing is interrupted; it goes on where the logs end. reason=\"%s\"", e.getMessage());
        } else if (!refusal.get().equals(said)) {
            said = refusal.get();
            Log.errorf("Nothing can be published; it is tried again until it can. reason=\"%s\"", said);
        }
        refusal.ifPresent(registry::publishingProblem);
        Log.debug("The cause", e);
    }

    private static boolean isTakenOver(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }
}
