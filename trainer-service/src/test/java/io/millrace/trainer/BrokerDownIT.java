// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.test.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker is away when the trainer starts, and goes away once more in the middle of a run. */
class BrokerDownIT {
    private static final String AWAY = "Kafka does not answer";

    @TempDir
    private Path store;

    @Test
    void waitsForABrokerThatIsAwaySaysSoOnceAndGoesOnWhereItWas() {
        RunSpec run = Fixtures.run("outage", 1, 60, 1);
        try (Wire wire = new Wire();
                TestBroker broker = TestBroker.behind(wire);
                ServiceProcess trainer =
                        TrainerProcess.start(wire.address(), store, Map.of("millrace.trainer.prefetch.steps", "4"))) {
            // Given a broker that cannot be reached
            isLiveButNotReady(trainer);
            assertThat(trainer.json("/run").path("state").asText()).isEqualTo("idle");
            assertThat(trainer.log().split(AWAY, -1)).hasSize(2);
            assertThat(trainer.log().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                    .hasSize(1);

            // When it comes, goes in the middle of a run, and comes again
            wire.mend(broker.bootstrapServers());
            trainer.awaitReady();
            try (Log log = new Log(wire.address())) {
                log.ask(run);
                log.batches(run, 0, 30);
                awaitStep(trainer, run.runId(), 30);
                wire.cut();
                trainer.awaitStatus("/q/health/ready", 503);
                assertThat(trainer.status("/q/health/live")).isEqualTo(200);
                wire.mend(broker.bootstrapServers());
                log.batches(run, 30, 60);

                // Then
                assertThat(log.awaitEnd(run.runId()).state()).as(trainer.log()).isEqualTo(State.FINISHED);
                assertThat(log.checkpoints(run.runId())).hasSize(1);
                assertThat(log.statuses(run.runId())).allMatch(status -> status.lacks() == null);
                assertThat(log.points(run)).extracting(MetricPoint::step).containsExactly(10L, 20L, 30L, 40L, 50L, 60L);
                assertThat(trainer.log().split(AWAY, -1)).hasSize(3);
            }
        }
    }

    @Test
    void aBrokerWhoseNameCannotBeResolvedIsWaitedForAndToldOnce() {
        try (ServiceProcess trainer = TrainerProcess.start("broker.invalid:9092", store)) {
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
                ServiceProcess trainer = TrainerProcess.start(
                        broker.bootstrapServers().replaceFirst("^.*:", "broker.test:"),
                        store,
                        Map.of("jdk.net.hosts.file", hosts.toString(), "sun.net.inetaddr.ttl", "0"))) {
            log.ask(run);
            log.batches(run, 0, 5);
            awaitStep(trainer, run.runId(), 5);

            Files.writeString(hosts, "127.0.0.1 localhost\n");
            log.batches(run, 5, 20);

            assertThat(log.awaitEnd(run.runId()).state()).as(trainer.log()).isEqualTo(State.FINISHED);
        }
    }

    private static void isLiveButNotReady(ServiceProcess trainer) {
        trainer.awaitStatus("/q/health/live", 200);
        trainer.awaitLog(AWAY);
        await().during(Duration.ofSeconds(4)).untilAsserted(() -> {
            assertThat(trainer.status("/q/health/live")).isEqualTo(200);
            assertThat(trainer.status("/q/health/ready")).isEqualTo(503);
        });
    }
}
