// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventMessages;
import io.millrace.kafka.Feed;
import io.millrace.trainer.checkpoint.Announcer;
import io.millrace.trainer.training.RunQueue;
import io.millrace.trainer.training.StatusSink;
import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;

/** The trainer's events, in and out. What goes out has reached the broker when a method returns. */
@ApplicationScoped
public class TrainerEvents implements Announcer, StatusSink {
    static final String RUNS = "runs";
    static final String CHECKPOINTS = "checkpoints";
    static final String RUN_STATUS = "run-status";
    private static final String SOURCE = "/trainer-service";

    private final RunQueue queue;
    private final Multi<ConsumerRecord<String, byte[]>> runs;
    private final MutinyEmitter<byte[]> checkpoints;
    private final MutinyEmitter<byte[]> statuses;

    TrainerEvents(
            RunQueue queue,
            @Channel(RUNS) Multi<ConsumerRecord<String, byte[]>> runs,
            @Channel(CHECKPOINTS) MutinyEmitter<byte[]> checkpoints,
            @Channel(RUN_STATUS) MutinyEmitter<byte[]> statuses) {
        this.queue = queue;
        this.runs = runs;
        this.checkpoints = checkpoints;
        this.statuses = statuses;
    }

    /** The log of runs, from its first record at every start. */
    void follow(@Observes StartupEvent event, BrokerWatch broker, KafkaClientService clients) {
        Feed.openOutgoing(broker, clients);
        Feed.follow(broker, runs, this::run);
    }

    private void run(ConsumerRecord<String, byte[]> record) {
        if (record.key() == null) {
            Log.errorf("Passed over a run without a key. topic=%s offset=%d", record.topic(), record.offset());
        } else if (record.value() == null) {
            queue.deleted(record.key(), record.offset());
        } else {
            try {
                queue.asked(record.key(), record.offset(), EventCodec.decode(record.value(), RunSpec.class));
            } catch (MalformedEventException e) {
                queue.malformed(record.key(), record.offset(), "malformed RunSpec: " + e.getMessage());
            }
        }
    }

    @Override
    public void announce(CheckpointPublished checkpoint) {
        String id = checkpoint.checkpoint().checkpointId();
        String runId = checkpoint.checkpoint().runId();
        checkpoints.sendMessageAndAwait(EventMessages.of(Topic.CHECKPOINTS, runId, id, SOURCE, checkpoint));
    }

    @Override
    public void publish(RunStatus status) {
        String id = status.runId() + '/' + status.updatedAt();
        statuses.sendMessageAndAwait(EventMessages.of(Topic.RUN_STATUS, status.runId(), id, SOURCE, status));
        queue.status(status);
    }
}
