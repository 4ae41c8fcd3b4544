// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.dataset.Broker;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.DatasetMetrics;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.dataset.source.DatasetCatalog;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * The thread that publishes: one session after the other. What passes (a broker that is away) ends a session, what does
 * not (another instance has taken over) stops the service.
 */
@Singleton
class Publisher {
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final List<Class<? extends KafkaException>> TAKEN_OVER =
            List.of(ProducerFencedException.class, InvalidProducerEpochException.class);
    private static final List<Class<? extends KafkaException>> HOPELESS =
            List.of(AuthorizationException.class, AuthenticationException.class, UnsupportedVersionException.class);

    private final Broker broker;
    private final DatasetConfig config;
    private final RunRegistry registry;
    private final DatasetCatalog catalog;
    private final DatasetMetrics metrics;
    private final MeterRegistry meters;
    private final Thread thread = new Thread(this::run, "publisher");

    Publisher(
            Broker broker,
            DatasetConfig config,
            RunRegistry registry,
            DatasetCatalog catalog,
            DatasetMetrics metrics,
            MeterRegistry meters) {
        this.broker = broker;
        this.config = config;
        this.registry = registry;
        this.catalog = catalog;
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
                awaitBroker();
                session();
            }
        } catch (InterruptedException | InterruptException e) {
            Log.debug("Publishing ends with the service");
        } catch (RuntimeException | Error e) {
            // An error too: alive without its publisher, the service would look well and do nothing.
            Log.fatal("Publishing cannot go on; the service stops. Started again, it goes on where the log ends", e);
            Quarkus.asyncExit(1);
        }
    }

    private void awaitBroker() throws InterruptedException {
        while (!broker.reachable()) {
            registry.awaitChange(POLL);
        }
    }

    private void session() throws InterruptedException {
        try (PublishingSession session =
                new PublishingSession(broker.bootstrapServers(), config, registry, catalog, metrics, meters)) {
            session.open();
            session.work();
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            if (hasCause(e, TAKEN_OVER)) {
                throw new IllegalStateException(
                        "another dataset-service has taken over (or this one slept too long); only one may write", e);
            }
            if (hasCause(e, HOPELESS)) {
                throw e;
            }
            Log.infof("Publishing is interrupted; it goes on where the log ends. reason=\"%s\"", e.getMessage());
            Log.debug("The cause", e);
            registry.awaitChange(POLL.multipliedBy(4));
        }
    }

    static boolean hasCause(Throwable e, List<Class<? extends KafkaException>> types) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            Throwable link = cause;
            if (types.stream().anyMatch(type -> type.isInstance(link))) {
                return true;
            }
        }
        return false;
    }
}
