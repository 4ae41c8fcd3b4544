// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.awaitPublished;
import static io.millrace.dataset.DatasetProcess.startRun;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.Topic;
import io.millrace.dataset.source.IdxFixtures;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts, good and bad: the run by configuration, an absent broker, a second instance, wrong settings. */
class StartIT {
    private static final Map<String, String> SMALL = Map.of(
            "millrace.dataset.max-ahead-epochs", "1000000",
            "millrace.dataset.strokes.train-samples", "200",
            "millrace.dataset.strokes.test-samples", "50");

    private static TestBroker broker;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void theConfiguredRunStartsOnceAndARestartStartsNothing() {
        // Given
        Map<String, String> config = with(Map.of(
                "millrace.dataset.run.enabled", "true",
                "millrace.dataset.run.dataset", "strokes",
                "millrace.dataset.run.recipe", "{\"batchSize\": 20, \"epochs\": 2}"));

        // When it is started twice
        String runId;
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), config).awaitReady()) {
            runId = awaitRun(service, "published").path("runId").asText();
        }
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), config).awaitReady()) {
            service.awaitLog("is in the log; nothing new is started");
        }

        // Then the log has the run once
        assertThat(runId).startsWith("strokes-quick-");
        assertThat(new PublishedBatches(broker.bootstrapServers()).read(Topic.RUNS, 0))
                .filteredOn(record -> record.key().equals(runId))
                .hasSize(1);
    }

    @Test
    void aConfiguredRunWithoutItsDataSetFailsWithReasonAndRemedy() {
        // Given
        Map<String, String> config = with(Map.of(
                "millrace.dataset.data-dir", directory.toString(),
                "millrace.dataset.run.enabled", "true",
                "millrace.dataset.run.id", "no-data"));

        // When
        try (ServiceProcess service = DatasetProcess.start(broker.bootstrapServers(), config)) {
            service.awaitLog("cannot be started. runId=no-data");

            // Then
            String reason = "the data directory " + directory + " lacks train-images-idx3-ubyte[.gz]";
            assertThat(service.log()).contains("runId=no-data reason=\"" + reason);
            JsonNode run = service.json("/runs/no-data");
            assertThat(run.path("state").asText()).isEqualTo("failed");
            assertThat(run.path("reason").asText()).startsWith(reason).contains("--data-dir", "strokes");
            assertThat(service.get("/q/health/ready").statusCode()).isEqualTo(503);
            assertThat(service.get("/q/health/ready").body()).contains(reason);
            assertThat(service.status("/q/health/live")).isEqualTo(200);
            JsonNode mnist = service.json("/datasets").get(0);
            assertThat(mnist.path("state").asText()).isEqualTo("unavailable");
            assertThat(mnist.path("available").asBoolean()).isFalse();
            assertThat(mnist.path("reason").asText()).startsWith(reason);
            assertThat(service.post("/runs", "{\"dataset\":\"mnist\"}").body()).contains(reason);

            // When it is given up
            assertThat(service.delete("/runs/no-data").statusCode()).isEqualTo(204);

            // Then it is forgotten
            assertThat(service.status("/runs/no-data")).isEqualTo(404);
            service.awaitReady();
        }
    }

    @Test
    void aConfiguredRunThatLackedItsDataStartsWhenTheDataIsThere() {
        // Given
        Map<String, String> config = with(Map.of(
                "millrace.dataset.data-dir", directory.toString(),
                "millrace.dataset.run.enabled", "true",
                "millrace.dataset.retry-after", "1s",
                "millrace.dataset.run.recipe", "{\"batchSize\": 20}",
                "millrace.dataset.run.id", "late-data"));
        try (ServiceProcess service = DatasetProcess.start(broker.bootstrapServers(), config)) {
            service.awaitLog("cannot be started. runId=late-data");

            // When
            IdxFixtures.writeSet(directory, 100, 20, false);

            // Then
            awaitPublished(service, "late-data");
            service.awaitReady();
            assertThat(service.json("/runs"))
                    .filteredOn(run -> run.path("runId").asText().equals("late-data"))
                    .hasSize(1);
        }
    }

    @Test
    void withAFallbackTheServiceSaysSoAndTrainsOnStrokes() {
        // Given
        Map<String, String> config = with(Map.of(
                "millrace.dataset.data-dir", directory.toString(),
                "millrace.dataset.run.enabled", "true",
                "millrace.dataset.run.fallback", "strokes",
                "millrace.dataset.run.id", "fallen-back"));

        // When
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), config).awaitReady()) {
            awaitRun(service, "published");

            // Then
            assertThat(service.json("/runs/fallen-back")
                            .at("/spec/dataset/name")
                            .asText())
                    .isEqualTo("strokes");
            assertThat(service.log())
                    .contains(
                            "The data set mnist is unavailable, so the run trains on strokes instead. runId=fallen-back");
        }
    }

    @Test
    void aRunWhoseDataSetHasChangedIsBlockedUntilItIsDeleted() {
        // Given a run that waits for trainers
        String order = "{\"dataset\":\"strokes\",\"recipe\":{\"epochs\":9,\"batchSize\":20}}";
        String runId;
        try (ServiceProcess service = DatasetProcess.start(
                        broker.bootstrapServers(), with(Map.of("millrace.dataset.max-ahead-epochs", "1")))
                .awaitReady()) {
            deleteAll(service);
            runId = startRun(service, order);
        }

        // When its data set is another one after a restart
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), with(Map.of("millrace.dataset.strokes.seed", "2")))) {
            service.awaitLog("The run is blocked. runId=" + runId);

            // Then it says so
            assertThat(service.json("/runs/" + runId).path("state").asText()).isEqualTo("blocked");
            assertThat(service.json("/runs/" + runId).path("reason").asText())
                    .contains("former data directory or seed");
            assertThat(service.status("/q/health/ready")).isEqualTo(503);

            // And it is in nobody's way
            String next = startRun(service, order);
            awaitPublished(service, next);
            assertThat(service.json("/runs/" + runId).path("state").asText()).isEqualTo("blocked");

            // When it is deleted, then nothing needs attention any more
            service.delete("/runs/" + runId);
            service.awaitReady();
            assertThat(service.delete("/runs/" + next).statusCode()).isEqualTo(204);
        }
    }

    @Test
    void aRunThatCannotBeReadIsSaidAndInNobodysWay() throws Exception {
        // Given a run without a recipe, and one under the key of another
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), SMALL).awaitReady()) {
            deleteAll(service);
            String good = service.post("/runs", "{\"dataset\":\"strokes\"}").body();
            ObjectNode bad = (ObjectNode) new ObjectMapper().readTree(good);
            bad.put("runId", "bad").remove("recipe");
            Voice voice = new Voice(broker.bootstrapServers());
            voice.write(Topic.RUNS, "bad", bad.toString().getBytes(UTF_8));
            voice.write(Topic.RUNS, "other", good.getBytes(UTF_8));

            // When, then: while the service runs, and after a restart
            service.awaitLog("reason=\"not a RunSpec: recipe is missing");
            service.awaitLog("reason=\"the key \"other\" should be");
            assertThat(service.status("/runs")).isEqualTo(200);
        }
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), SMALL).awaitReady()) {
            assertThat(service.json("/runs")).hasSize(3);
            assertThat(service.json("/runs/bad").path("state").asText()).isEqualTo("blocked");
            assertThat(service.json("/runs/bad").path("reason").asText()).contains("recipe is missing");
            String runId = startRun(service, "{\"dataset\":\"strokes\"}");
            awaitPublished(service, runId);
            assertThat(service.delete("/runs/bad").statusCode()).isEqualTo(204);
            assertThat(service.status("/runs/bad")).isEqualTo(404);
        }
    }

    @Test
    void onlyOneInstanceWritesAndWhoIsTakenOverStopsAndSaysWhy() {
        try (ServiceProcess first =
                DatasetProcess.start(broker.bootstrapServers(), SMALL).awaitReady()) {
            // When a second one is started on the same port
            String port = Integer.toString(first.uri().getPort());
            try (ServiceProcess busy =
                    DatasetProcess.start(broker.bootstrapServers(), with(Map.of("quarkus.http.port", port)))) {
                assertThat(busy.awaitExit()).isNotZero();
                assertThat(busy.log()).contains("Port " + port);
            }
            // Then the first one goes on
            String runId = startRun(first, "{\"dataset\":\"strokes\"}");
            awaitPublished(first, runId);

            // When one is started on another port, and the first one wants to write again
            try (ServiceProcess second =
                    DatasetProcess.start(broker.bootstrapServers(), SMALL).awaitReady()) {
                String next = startRun(first, "{\"dataset\":\"strokes\"}");

                // Then the first one cannot, and the second one does it
                assertThat(first.awaitExit()).isEqualTo(1);
                assertThat(first.log()).contains("another dataset-service has taken over");
                awaitPublished(second, next);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "millrace.dataset.encoding=int4 millrace.dataset.max-ahead=lots millrace.dataset.download-timeout=soon",
                "millrace.dataset.max-ahead-epochs=0 millrace.dataset.strokes.test-samples=-1"
                        + " millrace.dataset.download-timeout=PT0S",
                "millrace.dataset.run.recipe=slow",
                "millrace.dataset.strokes.train-samples=2000000",
            })
    void aWrongSettingStopsTheServiceAtStartNamingKeyAndValue(String settings) {
        // Given
        Map<String, String> config = new HashMap<>(Map.of(
                "millrace.dataset.run.enabled", "true",
                "millrace.dataset.run.dataset", "strokes"));
        List<String[]> wrong = List.of(settings.split(" ")).stream()
                .map(setting -> setting.split("="))
                .toList();
        wrong.forEach(setting -> config.put(setting[0], setting[1]));

        // When
        try (ServiceProcess service = DatasetProcess.start(broker.bootstrapServers(), config)) {
            // Then
            assertThat(service.awaitExit()).isNotZero();
            List<String> told = service.log()
                    .lines()
                    .filter(line -> !line.contains("Configuration."))
                    .toList();
            assertThat(wrong).allSatisfy(setting -> assertThat(told)
                    .anySatisfy(line -> assertThat(line).contains(setting[0]).contains(setting[1])));
        }
    }

    /** What other tests have left would stand in the way. */
    private static void deleteAll(ServiceProcess service) {
        service.json("/runs")
                .forEach(run -> service.delete("/runs/" + run.path("runId").asText()));
    }

    private static JsonNode awaitRun(ServiceProcess service, String state) {
        return await().until(
                        () -> {
                            JsonNode runs = service.json("/runs");
                            for (JsonNode run : runs) {
                                if (run.path("state").asText().equals(state)
                                        && service.log()
                                                .contains("Published. runId="
                                                        + run.path("runId").asText())) {
                                    return Optional.of(run);
                                }
                            }
                            return Optional.<JsonNode>empty();
                        },
                        Optional::isPresent)
                .get();
    }

    private static Map<String, String> with(Map<String, String> more) {
        Map<String, String> config = new HashMap<>(SMALL);
        config.putAll(more);
        return config;
    }
}
