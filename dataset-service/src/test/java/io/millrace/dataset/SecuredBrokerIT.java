// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.awaitPublished;
import static io.millrace.dataset.DatasetProcess.startRun;
import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.PatternType.LITERAL;
import static org.apache.kafka.common.resource.PatternType.PREFIXED;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.kafka.KafkaConnection;
import io.millrace.test.SecuredBroker;
import io.millrace.test.SecuredBroker.Door;
import io.millrace.test.SecuredBroker.Mechanism;
import io.millrace.test.ServiceProcess;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AclOperation;
import org.junit.jupiter.api.Test;

/** A broker that allows nothing that is not granted: what it refuses is said once, and the service goes on when it is mended. */
class SecuredBrokerIT {
    private static final String USER = "dataset";
    private static final String ORDER = """
            {"dataset":"strokes","strokes":{"trainSamples":100,"testSamples":10},"recipe":{"batchSize":10}}""";

    @Test
    void whatIsRefusedIsSaidOnceAndTheServiceLivesAndGoesOnWhenItIsMended() {
        try (SecuredBroker broker = SecuredBroker.start();
                ServiceProcess service = ServiceProcess.start(
                        broker.bootstrapServers(), config(broker.as(USER, "mistyped", Mechanism.SCRAM, Door.GOOD)))) {
            service.awaitStatus("/q/health/live", 200);
            // Given a password that is wrong
            notReady(service, "refuses the user or the password");
            broker.changePassword(USER, "mistyped");

            // Then topics that are not granted
            notReady(service, "does not allow this user the topics");
            Stream.of(Topic.RUNS, Topic.RUN_STATUS, Topic.CHECKPOINTS, Topic.PROMOTIONS, Topic.TEST_BATCHES)
                    .forEach(topic -> broker.allow(USER, TOPIC, LITERAL, topic.name(), List.of(CREATE, READ, WRITE)));

            // Then the transactional id
            notReady(service, "transactional ids");
            broker.allow(USER, TRANSACTIONAL_ID, LITERAL, "millrace-dataset-service", List.of(WRITE));
            service.awaitReady();

            // Then the logs of the runs, which is in the way of runs alone
            String runId = startRun(service, ORDER);
            notReady(service, "millrace.batches.v1." + runId);
            assertThat(service.json("/runs/" + runId).path("state").asText()).isEqualTo("blocked");

            // Then a topic of that name which others have made, and which we may not change
            Topic log = Topic.batches(DatasetProcess.run(service, runId).incarnation());
            compacted(broker, log);
            allowLogs(broker, List.of(CREATE, DELETE, READ, WRITE, DESCRIBE_CONFIGS));
            notReady(service, "a topic " + log.name() + " was there with {");
            allowLogs(broker, List.of(ALTER_CONFIGS));
            awaitPublished(service, runId);
            service.awaitReady();

            // And each was said once, with the remedy
            List<String> said = service.log()
                    .lines()
                    .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                    // A broker that is slow to start is another matter.
                    .filter(line -> !line.contains("Kafka does not answer"))
                    .toList();
            assertThat(said).hasSize(6);
            assertThat(said.get(0)).contains("kafka.sasl.jaas.config");
            assertThat(said.subList(1, 5)).allSatisfy(line -> assertThat(line).contains("docs/"));
            assertThat(said.get(5)).contains("they are mended");
        }
    }

    private static void allowLogs(SecuredBroker broker, List<AclOperation> operations) {
        broker.allow(USER, TOPIC, PREFIXED, Topic.BATCHES_PREFIX, operations);
    }

    private static void compacted(SecuredBroker broker, Topic log) {
        NewTopic compacted = new NewTopic(log.name(), 1, (short) 1).configs(Map.of("cleanup.policy", "compact"));
        try (Admin admin = KafkaConnection.of(broker.as(SecuredBroker.ADMIN, Mechanism.PLAIN))
                .admin("test")) {
            admin.createTopics(List.of(compacted)).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void notReady(ServiceProcess service, String reason) {
        await().untilAsserted(
                        () -> assertThat(service.get("/q/health/ready").body()).contains(reason));
        assertThat(service.status("/q/health/ready")).isEqualTo(503);
        assertThat(service.status("/q/health/live")).isEqualTo(200);
    }

    private static Map<String, String> config(Map<String, String> kafka) {
        Map<String, String> config = new HashMap<>();
        kafka.forEach((key, value) -> config.put("kafka." + key, value));
        return config;
    }
}
