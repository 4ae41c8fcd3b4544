// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.EventMessages;
import io.smallrye.reactive.messaging.MutinyEmitter;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Writes to the topic of runs; what is written has reached the broker when a call returns. */
@Singleton
public class RunEvents {
    /** Channel to which runs are written. */
    static final String STARTED_RUNS = "started-runs";

    /** CloudEvents source of all that this service writes. */
    public static final String SOURCE = "/dataset-service";

    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(20);

    private final MutinyEmitter<byte[]> emitter;

    RunEvents(@Channel(STARTED_RUNS) MutinyEmitter<byte[]> emitter) {
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
}
