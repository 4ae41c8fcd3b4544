// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.dataset.Broker;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;

/**
 * Follows the runs' topics and tells the registry. It begins when the broker has answered once: no client can be made
 * before the broker's name can be resolved, and a channel that fails to make its client never tries again.
 */
@Singleton
class RunFeed {
    /** Channel that follows the runs. */
    static final String RUNS = "runs";
    /** Channel that follows what the trainer says of them. */
    static final String RUN_STATUS = "run-status";

    private final Broker broker;
    private final RunRegistry registry;
    private final Multi<ConsumerRecord<String, byte[]>> runs;
    private final Multi<ConsumerRecord<String, byte[]>> statuses;

    RunFeed(
            Broker broker,
            RunRegistry registry,
            @Channel(RUNS) Multi<ConsumerRecord<String, byte[]>> runs,
            @Channel(RUN_STATUS) Multi<ConsumerRecord<String, byte[]>> statuses) {
        this.broker = broker;
        this.registry = registry;
        this.runs = runs;
        this.statuses = statuses;
    }

    void onStart(@Observes StartupEvent event) {
        Thread thread = new Thread(this::follow, "run-feed");
        thread.setDaemon(true);
        thread.start();
    }

    private void follow() {
        try {
            if (broker.awaitReachable()) {
                runs.subscribe().with(this::run, RunFeed::broken);
                statuses.subscribe().with(this::status, RunFeed::broken);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void broken(Throwable e) {
        Log.fatal("The runs' topics cannot be followed any more; the service stops. A restart reads them again", e);
        Quarkus.asyncExit(1);
    }

    private void run(ConsumerRecord<String, byte[]> event) {
        if (event.value() == null) {
            registry.run(event.key(), null, event.offset());
        } else {
            decode(event, RunSpec.class).ifPresent(spec -> registry.run(event.key(), spec, event.offset()));
        }
    }

    private void status(ConsumerRecord<String, byte[]> event) {
        if (event.value() == null) {
            registry.status(event.key(), null, event.offset());
        } else {
            decode(event, RunStatus.class).ifPresent(status -> registry.status(event.key(), status, event.offset()));
        }
    }

    private static <T> Optional<T> decode(ConsumerRecord<String, byte[]> event, Class<T> type) {
        try {
            return Optional.of(EventCodec.decode(event.value(), type));
        } catch (MalformedEventException e) {
            Log.errorf(
                    "Passed over an event that cannot be read. topic=%s offset=%d reason=\"%s\"",
                    event.topic(), event.offset(), e.getMessage());
            return Optional.empty();
        }
    }
}
