// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.dataset.Broker;
import io.millrace.kafka.EventLog;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
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

    private void run(ConsumerRecord<String, byte[]> record) {
        EventLog.entry(record, RunSpec.class).ifPresent(run -> registry.run(run.key(), run.value(), run.offset()));
    }

    private void status(ConsumerRecord<String, byte[]> record) {
        EventLog.entry(record, RunStatus.class)
                .ifPresent(status -> registry.status(status.key(), status.value(), status.offset()));
    }
}
