// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.PatternType.LITERAL;
import static org.apache.kafka.common.resource.PatternType.PREFIXED;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.KafkaConnection;
import io.millrace.test.SecuredBroker;
import io.millrace.test.SecuredBroker.Mechanism;
import io.millrace.test.ServiceProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that allows nothing that is not granted: what it refuses is said once, and the run goes on when it is mended. */
class RefusedIT {
    private static final String USER = "trainer";

    @TempDir
    private Path store;

    @Test
    void whatIsRefusedIsSaidOnceAndTheRunGoesOnWhenItIsMended() {
        RunSpec run = run("refused", 1, 6, 1);
        try (SecuredBroker broker = SecuredBroker.start();
                Log log = new Log(KafkaConnection.of(broker.as(SecuredBroker.ADMIN, Mechanism.SCRAM)));
                ServiceProcess trainer = TrainerProcess.start(
                        broker.bootstrapServers(), store, config(broker.as(USER, Mechanism.SCRAM)))) {
            log.whole(run);
            trainer.awaitStatus("/q/health/live", 200);
            // Given topics that are not granted
            notReady(trainer, "does not allow this user the topics");
            Stream.of(
                            Topic.RUNS,
                            Topic.RUN_STATUS,
                            Topic.CHECKPOINTS,
                            Topic.METRICS,
                            Topic.BATCHES_DEAD_LETTERS,
                            Topic.DELTAS_DEAD_LETTERS)
                    .forEach(topic -> broker.allow(USER, TOPIC, LITERAL, topic.name(), List.of(CREATE, READ, WRITE)));

            // Then the pool's group
            notReady(trainer, "does not allow this user the group");
            broker.allow(USER, GROUP, LITERAL, "trainer-service", List.of(READ));

            // Then the transactional id
            notReady(trainer, "transactional ids");
            broker.allow(USER, TRANSACTIONAL_ID, PREFIXED, "refused-", List.of(WRITE));

            // Then the run's log
            notReady(trainer, Topic.batches(run.incarnation()).name());
            assertThat(trainer.json("/run").path("problem").asText()).contains("does not allow this user the topics");
            assertThat(trainer.json("/run").path("state").asText()).isEqualTo("running");
            broker.allow(USER, TOPIC, PREFIXED, Topic.BATCHES_PREFIX, List.of(READ));

            assertThat(log.awaitEnd(run.runId()).state()).as(trainer.log()).isEqualTo(State.FINISHED);
            trainer.awaitReady();
            assertThat(trainer.log().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                    // so may a busy machine have it
                    .filteredOn(line -> !line.contains("Kafka does not answer"))
                    .as("each was said once, by whoever met it, with the remedy")
                    .hasSize(5)
                    .allSatisfy(line -> assertThat(line).contains("docs/"));
        }
    }

    private static void notReady(ServiceProcess trainer, String reason) {
        await().untilAsserted(
                        () -> assertThat(trainer.get("/q/health/ready").body()).contains(reason));
        assertThat(trainer.status("/q/health/ready")).isEqualTo(503);
        assertThat(trainer.status("/q/health/live")).isEqualTo(200);
    }

    private static Map<String, String> config(Map<String, String> kafka) {
        Map<String, String> config = new HashMap<>();
        kafka.forEach((key, value) -> config.put("kafka." + key, value));
        return config;
    }
}
