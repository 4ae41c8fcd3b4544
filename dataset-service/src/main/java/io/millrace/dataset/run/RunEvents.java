// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.Channels;
import io.millrace.kafka.EventMessages;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * The topics of the runs: what is in them is told to the registry; what is written has reached the broker when a call
 * returns. Thread-safe.
 */
@Singleton
public class RunEvents {
    /** Channel to which runs are written. */
    static final String STARTED_RUNS = "started-runs";

    /** CloudEvents source of all that this service writes. */
    public static final String SOURCE = "/dataset-service";

    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(20);
    private static final int AT_ONCE = 1_000;

    private final BrokerWatch broker;
    private final MutinyEmitter<byte[]> emitter;
    private final EventTable table;

    RunEvents(
            KafkaConnection connection,
            BrokerWatch broker,
            RunRegistry registry,
            PromotedModels promoted,
            @Channel(STARTED_RUNS) MutinyEmitter<byte[]> emitter) {
        this.broker = broker;
        this.emitter = emitter;
        this.table = new EventTable(connection, broker)
                .follow(Topic.RUNS, RunSpec.class, new Runs(registry))
                .follow(Topic.RUN_STATUS, RunStatus.class, new Statuses(registry))
                .follow(Topic.CHECKPOINTS, CheckpointPublished.class, new Checkpoints(registry))
                .follow(Topic.PROMOTIONS, ModelPromoted.class, promoted);
    }

    void onStart(@Observes StartupEvent event, KafkaClientService clients) {
        Channels.openOutgoing(broker, clients);
        table.start();
    }

    @PreDestroy
    void stop() {
        table.close();
    }

    /** Whether all that is in the topics has been told to the registry. */
    public boolean isReplayed() {
        return table.isReplayed();
    }

    /** Why the topics cannot be read; empty while they can. */
    Optional<String> problem() {
        return table.problem();
    }

    /** Waits until all that is in the topics now has been told to the registry. */
    public void catchUp(Duration patience) {
        table.catchUp(patience);
    }

    /**
     * Does nothing while runs can be ordered and changed.
     *
     * @throws RunRefusedException when they cannot now
     */
    void requireReady() {
        broker.reason().or(this::problem).ifPresent(reason -> {
            throw RunRefusedException.passing(reason);
        });
        if (!broker.reachable() || !isReplayed()) {
            throw RunRefusedException.passing("the topics of the runs are still being read");
        }
    }

    /** Writes a run that is ordered. */
    void ordered(RunSpec spec) {
        send(EventMessages.of(Topic.RUNS, spec.runId(), spec.incarnation(), SOURCE, spec));
    }

    /** Writes what is wanted of a run from now on. */
    void changed(RunSpec spec) {
        String id = spec.incarnation() + '/' + UUID.randomUUID();
        send(EventMessages.of(Topic.RUNS, spec.runId(), id, SOURCE, spec));
    }

    /** Writes that there is nothing any more under keys of a table. */
    public void delete(Topic table, List<String> keys) {
        for (int from = 0; from < keys.size(); from += AT_ONCE) {
            List<String> some = keys.subList(from, Math.min(keys.size(), from + AT_ONCE));
            Uni.join()
                    .all(some.stream()
                            .map(key -> emitter.sendMessage(EventMessages.tombstone(table, key, SOURCE)))
                            .toList())
                    .andFailFast()
                    .await()
                    .atMost(SEND_TIMEOUT);
        }
    }

    private void send(Message<byte[]> message) {
        try {
            emitter.sendMessage(message).await().atMost(SEND_TIMEOUT);
        } catch (TimeoutException | KafkaException e) {
            throw RunRefusedException.passing("Kafka did not confirm it in time; look whether GET /runs has it");
        }
    }

    private record Runs(RunRegistry registry) implements EventTable.Listener<RunSpec> {
        @Override
        public void event(String key, RunSpec run, long offset) {
            registry.run(key, run);
        }

        @Override
        public void unreadable(String key, long offset, String reason) {
            registry.unreadable(key, reason);
        }

        @Override
        public void cleared() {
            registry.runsCleared();
        }
    }

    private record Statuses(RunRegistry registry) implements EventTable.Listener<RunStatus> {
        @Override
        public void event(String key, RunStatus status, long offset) {
            registry.status(key, status);
        }

        @Override
        public void cleared() {
            registry.statusesCleared();
        }
    }

    private record Checkpoints(RunRegistry registry) implements EventTable.Listener<CheckpointPublished> {
        @Override
        public void event(String key, CheckpointPublished checkpoint, long offset) {
            if (checkpoint != null) {
                registry.checkpoint(checkpoint);
            }
        }

        @Override
        public void cleared() {
            registry.checkpointsCleared();
        }
    }
}
