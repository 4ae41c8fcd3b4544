// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.test.S3Front.Fault;
import io.millrace.test.S3Server;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trainer whose checkpoints lie in a bucket, where things go wrong. */
class S3StoreIT {
    private static final String WARNING = "The checkpoint store fails";

    @TempDir
    private static Path directory;

    private static TestBroker broker;
    private static Log log;
    private static S3Server server;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        log = new Log(broker.bootstrapServers());
        server = S3Server.start(directory.resolve("buckets"));
    }

    @AfterAll
    static void stop() {
        server.close();
        log.close();
        broker.close();
    }

    private static ServiceProcess trainer(Map<String, String> settings, Map<String, String> keys) {
        Map<String, String> config = new HashMap<>(server.settings("runs"));
        config.put("kafka.bootstrap.servers", broker.bootstrapServers());
        config.put("millrace.trainer.threads", "1");
        config.put("millrace.trainer.status-every", "200ms");
        config.put("millrace.trainer.retry.longest", "1s");
        config.putAll(settings);
        return ServiceProcess.start(Path.of(""), config, keys, "-Xmx768m");
    }

    /** Alive and not ready, and says why, once, in its log as well. */
    private static void isHindered(ServiceProcess trainer, Duration within, String... why) {
        await().atMost(within)
                .untilAsserted(
                        () -> assertThat(trainer.get("/q/health/ready").body()).contains(why));
        assertThat(trainer.status("/q/health/ready")).isEqualTo(503);
        assertThat(trainer.status("/q/health/live")).isEqualTo(200);
        assertThat(trainer.json("/run").path("problem").asText()).contains(why);
        assertThat(warnings(trainer))
                .filteredOn(line -> List.of(why).stream().allMatch(line::contains))
                .hasSize(1);
    }

    private static List<String> warnings(ServiceProcess trainer) {
        return trainer.log().lines().filter(line -> line.contains(WARNING)).toList();
    }

    @Test
    void itWaitsForWhatTheStoreLacksAndSaysWhatThatIs() throws IOException {
        Map<String, String> wrong = new HashMap<>(S3Server.keys());
        wrong.replace("AWS_SECRET_ACCESS_KEY", "mistyped");
        try (ServiceProcess mistyped = trainer(Map.of(), wrong);
                ServiceProcess trainer =
                        trainer(Map.of("millrace.checkpoints.uri", "s3://not-made-yet/runs"), S3Server.keys())) {
            trainer.awaitStatus("/q/health/live", 200);
            isHindered(trainer, Duration.ofMinutes(1), "there is no bucket", "make it, or correct");
            mistyped.awaitStatus("/q/health/live", 200);
            isHindered(mistyped, Duration.ofMinutes(1), "the keys are refused", "AWS_SECRET_ACCESS_KEY");

            Files.createDirectory(server.file("../not-made-yet"));
            trainer.awaitReady();
            assertThat(warnings(mistyped)).as("however often it has asked").hasSize(1);

            server.front().set(Fault.BUSY);
            isHindered(trainer, Duration.ofSeconds(5), "it does not serve now (503");
            server.front().set(Fault.SILENT);
            isHindered(trainer, Duration.ofSeconds(5), "it takes too long to answer");
            server.front().set(Fault.NONE);
            trainer.awaitReady();
            server.kill();
            await().atMost(Duration.ofSeconds(5)).until(() -> trainer.status("/q/health/ready") == 503);
            server.start();
            trainer.awaitReady();
            assertThat(trainer.log()).contains("The checkpoint store answers again");
        } finally {
            server.front().set(Fault.NONE);
        }
    }

    @Test
    void itTrainsEveryBatchOnceThoughItIsKilledDuringAnUploadAndTheServerIsBusyLater() throws Exception {
        Network small = NetworkFile.read("{\"block\": \"basic\", \"depths\": [1, 1], \"widths\": [8, 16]}", null)
                .network(new ImageShape(1, Fixtures.SIZE, Fixtures.SIZE), Fixtures.CLASSES.size());
        RunSpec run = Fixtures.withNetwork(Fixtures.withCheckpointEvery(run("bucket", 2, 10, 2), 4), small);
        log.ask(run);
        log.batches(run, 0, 4);
        try (ServiceProcess first = trainer(Map.of(), S3Server.keys())) {
            first.awaitReady();
            await().until(() -> first.json("/run").path("checkpoints").asInt() >= 1);
            server.front().set(Fault.STUCK);
            log.batches(run, 4, 8);
            server.front().awaitHeld();
            first.kill();
        }
        server.front().set(Fault.BUSY);

        try (ServiceProcess second = trainer(Map.of(), S3Server.keys())) {
            second.awaitStatus("/q/health/ready", 503);
            server.front().set(Fault.NONE);
            log.batches(run, 8, 20);
            RunStatus status = log.awaitEnd(run.runId());

            assertThat(status.state()).as(second.log()).isEqualTo(State.FINISHED);
            assertThat(status.samples()).isEqualTo(20L * 2 * Fixtures.BATCH);
            assertThat(second.log()).contains("Run resumes. runId=" + run.runId());
            assertThat(second.metric("millrace_trainer_checkpoints_total")).isPositive();
            assertThat(second.get("/q/metrics").body()).doesNotContain("disk_free_bytes");
        }
        // What lies in the bucket is what a directory would hold.
        DirectoryCheckpointStore files = new DirectoryCheckpointStore(server.file("runs"));
        assertThat(files.batches(run.incarnation()))
                .extracting(line -> Integer.parseInt(line.split(" ")[0]))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
        for (CheckpointPublished checkpoint : log.checkpoints(run.runId())) {
            files.read(checkpoint.checkpoint());
        }
    }
}
