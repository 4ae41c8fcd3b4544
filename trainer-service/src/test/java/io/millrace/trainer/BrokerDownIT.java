// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.test.TestBroker;
import io.smallrye.reactive.messaging.kafka.companion.test.EmbeddedKafkaBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker is away when the trainer starts, and goes away once more in the middle of a run. */
class BrokerDownIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String AWAY = "Kafka does not answer";

    @TempDir
    private Path store;

    @Test
    void waitsForABrokerThatIsAwaySaysSoOnceAndGoesOnWhereItWas() {
        int port = TrainerProcess.freePort();
        int brokerPort = TrainerProcess.freePort();
        String bootstrapServers = "127.0.0.1:" + port;
        RunSpec run = Fixtures.run("outage", 1, 60, 1);
        try (EmbeddedKafkaBroker broker = broker(brokerPort, port);
                Wire wire = new Wire(port, brokerPort);
                TrainerProcess trainer =
                        TrainerProcess.start(bootstrapServers, store, "millrace.trainer.prefetch.steps=4")) {
            // Given a broker that cannot be reached
            assertThat(broker.isRunning()).isTrue();
            isLiveButNotReady(trainer);
            assertThat(trainer.run().path("state").asText()).isEqualTo("idle");
            assertThat(trainer.log().split(AWAY, -1)).hasSize(2);
            assertThat(trainer.log().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                    .hasSize(1);

            // When it comes, goes in the middle of a run, and comes again
            wire.mend();
            trainer.awaitReady();
            try (Log log = new Log(bootstrapServers)) {
                log.whole(run);
                trainer.awaitStep(run.runId(), 3);
                wire.cut();
                await().atMost(PATIENCE).until(() -> trainer.status("/q/health/ready") == 503);
                assertThat(trainer.status("/q/health/live")).isEqualTo(200);
                wire.mend();

                // Then
                assertThat(log.awaitEnd(run.runId()).state()).as(trainer.log()).isEqualTo(State.FINISHED);
                assertThat(log.checkpoints(run.runId())).hasSize(1);
                assertThat(trainer.log().split(AWAY, -1)).hasSize(3);
            }
        }
    }

    @Test
    void aBrokerWhoseNameCannotBeResolvedIsWaitedForAndToldOnce() {
        try (TrainerProcess trainer = TrainerProcess.start("broker.invalid:9092", store)) {
            isLiveButNotReady(trainer);

            assertThat(trainer.log().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains(AWAY, "broker.invalid:9092"));

            trainer.terminate();
            assertThat(trainer.awaitExit()).as("ended in order by SIGTERM").isEqualTo(143);
        }
    }

    @Test
    void aNameThatIsGoneWhenTheFirstCheckpointIsAnnouncedDoesNotMatter(@TempDir Path other) throws IOException {
        Path hosts = Files.writeString(other.resolve("hosts"), "127.0.0.1 localhost broker.test\n");
        RunSpec run = Fixtures.run("nameless", 1, 20, 1);
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers());
                TrainerProcess trainer = TrainerProcess.start(
                        broker.bootstrapServers().replaceFirst("^.*:", "broker.test:"),
                        store,
                        "jdk.net.hosts.file=" + hosts,
                        "sun.net.inetaddr.ttl=0")) {
            log.ask(run);
            log.batches(run, 0, 5);
            trainer.awaitStep(run.runId(), 5);

            Files.writeString(hosts, "127.0.0.1 localhost\n");
            log.batches(run, 5, 20);

            assertThat(log.awaitEnd(run.runId()).state()).as(trainer.log()).isEqualTo(State.FINISHED);
        }
    }

    private static void isLiveButNotReady(TrainerProcess trainer) {
        await().atMost(PATIENCE).until(() -> trainer.status("/q/health/live") == 200);
        await().atMost(PATIENCE).until(() -> trainer.log().contains(AWAY));
        await().during(Duration.ofSeconds(4)).atMost(PATIENCE).untilAsserted(() -> {
            assertThat(trainer.status("/q/health/live")).isEqualTo(200);
            assertThat(trainer.status("/q/health/ready")).isEqualTo(503);
        });
    }

    /** Its clients are told to come by the wire. */
    private static EmbeddedKafkaBroker broker(int port, int advertised) {
        Map<String, String> settings = Map.of(
                "auto.create.topics.enable", "false",
                "message.max.bytes", "16777216",
                "replica.fetch.max.bytes", "16777216",
                "offsets.topic.num.partitions", "1");
        EmbeddedKafkaBroker broker = new EmbeddedKafkaBroker()
                .withDeleteLogDirsOnClose(true)
                .withKafkaPort(port)
                .withAdvertisedListeners("PLAINTEXT://127.0.0.1:" + advertised)
                .withAdditionalProperties(properties -> properties.putAll(settings));
        return broker.start();
    }
}
