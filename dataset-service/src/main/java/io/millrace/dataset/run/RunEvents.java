// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.EventMessages;
import io.quarkus.logging.Log;
import io.smallrye.reactive.messaging.MutinyEmitter;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** The runs' topics: what is read goes into the registry, what is written has reached the broker when a call returns. */
@Singleton
public class RunEvents {
    /** Channel that follows the runs. */
    static final String RUNS = "runs";
    /** Channel to which runs are written. */
    static final String STARTED_RUNS = "started-runs";
    /** Channel that follows what the trainer says of them. */
    static final String RUN_STATUS = "run-status";

    /** CloudEvents source of all that this service writes. */
    public static final String SOURCE = "/dataset-service";

    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(20);

    private final RunRegistry registry;
    private final MutinyEmitter<byte[]> emitter;

    RunEvents(RunRegistry registry, @Channel(STARTED_RUNS) MutinyEmitter<byte[]> emitter) {
        this.registry = registry;
        this.emitter = emitter;
    }

    /** Writes a run. */
    void started(RunSpec spec) {
        send(EventMessages.of(Topic.RUNS, spec.runId(), spec.runId(), SOURCE, spec));
    }

    /** Writes that a run is deleted. */
    void deleted(String runId) {
        send(EventMessages.tombstone(Topic.RUNS, runId, SOURCE));
    }

    private void send(Message<byte[]> message) {
        emitter.sendMessage(message).await().atMost(SEND_TIMEOUT);
    }

    @Incoming(RUNS)
    void run(ConsumerRecord<String, byte[]> event) {
        if (event.value() == null) {
            registry.run(event.key(), null, event.offset());
        } else {
            decode(event, RunSpec.class).ifPresent(spec -> registry.run(event.key(), spec, event.offset()));
        }
    }

    @Incoming(RUN_STATUS)
    void status(ConsumerRecord<String, byte[]> event) {
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
