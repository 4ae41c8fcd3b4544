// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.test.S3Front.Fault;
import io.millrace.test.S3Server;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From data to answers, with everything that outlives a process in a bucket. */
class S3E2E {
    @TempDir
    private Path directory;

    private final Map<String, ServiceProcess> services = new LinkedHashMap<>();

    @AfterEach
    void stop() {
        services.values().forEach(ServiceProcess::close);
    }

    private void start(String name, TestBroker broker, Map<String, String> more) {
        Map<String, String> config = new LinkedHashMap<>(more);
        config.put("kafka.bootstrap.servers", broker.bootstrapServers());
        // Sixteen steps of a tiny network need not be better than always giving one answer.
        config.put("millrace.evaluator.floor", "0");
        services.put(
                name,
                ServiceProcess.start(
                        Up.ROOT.resolve(name + "-service"), config, S3Server.keys(), "-Dmillrace.threads=1"));
    }

    @Test
    void aRunGoesFromDataToAnswersAndABucketThatIsAwayHindersNobodyForLong() throws IOException {
        try (TestBroker broker = TestBroker.start();
                S3Server server = S3Server.start(directory.resolve("buckets"))) {
            Map<String, String> store = server.settings("teams/vision");
            start(
                    "dataset",
                    broker,
                    Map.of(
                            "millrace.dataset.run.enabled", "true",
                            "millrace.dataset.run.dataset", "strokes",
                            "millrace.dataset.strokes.train-samples", "512",
                            "millrace.dataset.strokes.test-samples", "64",
                            "millrace.dataset.run.network",
                                    "{\"block\":\"basic\",\"depths\":[1,1],\"widths\":[8,16],\"stem\":\"cifar\"}",
                            "millrace.dataset.run.recipe",
                                    "{\"name\":\"quick\",\"epochs\":1,\"batchSize\":32,\"checkpointEverySteps\":4}"));
            start("trainer", broker, store);
            start("evaluator", broker, store);
            start("inference", broker, store);

            services.get("trainer").awaitReady();
            services.get("evaluator").awaitReady();
            await().until(() ->
                    services.get("trainer").json("/run").path("state").asText().equals("finished"));
            await().until(() -> services.get("evaluator")
                    .json("/leaderboard")
                    .findValuesAsText("step")
                    .contains("16"));
            services.values().forEach(ServiceProcess::awaitReady);
            // What was promoted last may be on its way while the one before it answers.
            await().until(() -> promoted()
                    .equals(Optional.of(services.get("inference")
                            .json("/models")
                            .findPath("version")
                            .asText())));
            HttpResponse<String> answer = classify();

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            // A machine that is busy writes fewer checkpoints than were due.
            assertThat(weights(server)).isBetween(1L, (long)
                    services.get("evaluator").json("/leaderboard").size());
            assertThat(Files.exists(Path.of("checkpoints")))
                    .as("nothing lies beside the bucket")
                    .isFalse();

            server.front().set(Fault.BUSY);
            isHindered("trainer");
            isHindered("evaluator");
            assertThat(services.get("inference").awaitReady().status("/q/health/live"))
                    .isEqualTo(200);
            assertThat(classify().statusCode()).isEqualTo(200);
            services.remove("inference").close();
            start("inference", broker, store);
            isHindered("inference");
            server.front().set(Fault.NONE);
            services.values().forEach(ServiceProcess::awaitReady);
            assertThat(ServiceProcess.json(classify()).path("version"))
                    .isEqualTo(ServiceProcess.json(answer).path("version"));
        }
    }

    private void isHindered(String name) {
        ServiceProcess service = services.get(name).awaitStatus("/q/health/live", 200);
        await().untilAsserted(() -> assertThat(service.get("/q/health/ready").body())
                .as(name)
                .contains("DOWN", "it does not serve now (503"));
        assertThat(service.log().lines().filter(line -> line.contains("The checkpoint store fails")))
                .as(service.log())
                .hasSize(1);
    }

    private static long weights(S3Server server) throws IOException {
        try (Stream<Path> files = Files.walk(server.file("teams/vision"))) {
            return files.filter(file -> file.toString().matches(".*/step-\\d+-[0-9a-f]+\\.safetensors"))
                    .count();
        }
    }

    private Optional<String> promoted() {
        return StreamSupport.stream(
                        services.get("evaluator").json("/leaderboard").spliterator(), false)
                .filter(line -> line.path("promoted").asBoolean())
                .map(line -> line.path("checkpointId").asText())
                .findFirst();
    }

    private HttpResponse<String> classify() throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY), "png", png);
        ServiceProcess inference = services.get("inference");
        return inference.send(inference
                .request("/classify")
                .header("Content-Type", "image/png")
                .POST(BodyPublishers.ofByteArray(png.toByteArray())));
    }
}
