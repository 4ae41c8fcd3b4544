// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.Clients;
import io.millrace.kafka.CloudEventHeaders;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Says what a trainer would say of a run. */
final class TrainerVoice {
    private TrainerVoice() {}

    static void say(String bootstrapServers, String runId, RunStatus.State state, String reason) {
        RunStatus status = new RunStatus(
                runId, state, reason, 1, 9, 1, 9, 20, 0, 1.5, 13.3, 0, 2.3, Precision.FP32, Instant.now());
        try (KafkaProducer<String, byte[]> producer = Clients.producer(bootstrapServers, Map.of())) {
            CloudEvent event = CloudEvent.of(Topic.RUN_STATUS, runId + "/1", "/trainer-service");
            producer.send(new ProducerRecord<>(
                            Topic.RUN_STATUS.name(),
                            null,
                            runId,
                            EventCodec.encode(status),
                            CloudEventHeaders.of(event)))
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
