// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.dataset.Broker;
import io.millrace.kafka.EventLog;
import io.millrace.kafka.Feed;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;

/** Follows the runs' topics and tells the registry. */
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

    void onStart(@Observes StartupEvent event, KafkaClientService clients) {
        Feed.openOutgoing(broker.watch(), clients);
        Feed.follow(broker.watch(), runs, this::run);
        Feed.follow(broker.watch(), statuses, this::status);
    }

    private void run(ConsumerRecord<String, byte[]> record) {
        EventLog.entry(record, RunSpec.class).ifPresent(run -> registry.run(run.key(), run.value(), run.offset()));
    }

    private void status(ConsumerRecord<String, byte[]> record) {
        EventLog.entry(record, RunStatus.class)
                .ifPresent(status -> registry.status(status.key(), status.value(), status.offset()));
    }
}
