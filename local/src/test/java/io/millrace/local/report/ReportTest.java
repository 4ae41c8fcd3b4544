// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.local.Refusal;
import io.millrace.local.watch.Samples;
import io.millrace.local.watch.ServedVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir
    private Path directory;

    @Test
    void theFileHoldsTheResultAsJson() throws IOException {
        Path path = directory.resolve("r.json");
        Report report = Report.of(
                Samples.RUN,
                Samples.STATUS,
                Samples.standing("quick-1", 5, 0.9924, true),
                new ServedVersion("strokes", "quick-1-0-step-5"),
                12.5,
                List.of(
                        new MetricPoint(
                                "quick-1",
                                "quick-1-0",
                                1,
                                1,
                                128,
                                2.5,
                                0.125,
                                0.01,
                                700,
                                0,
                                0.2,
                                0,
                                null,
                                null,
                                Instant.EPOCH),
                        new MetricPoint(
                                "quick-1",
                                "quick-1-0",
                                2,
                                1,
                                128,
                                null,
                                null,
                                0.02,
                                750,
                                0,
                                0.3,
                                1,
                                0.5,
                                0.875,
                                Instant.EPOCH)));

        ReportFile.open(path).write(report);

        JsonNode json = new ObjectMapper().readTree(path.toFile());
        assertThat(json.fieldNames())
                .toIterable()
                .contains(
                        "runId",
                        "dataset",
                        "network",
                        "compute",
                        "epochs",
                        "steps",
                        "samples",
                        "trainSeconds",
                        "imagesPerSecond",
                        "waitRatio",
                        "checkpoints",
                        "best",
                        "served");
        assertThat(json.path("reason").isNull()).isTrue();
        assertThat(json.path("compute").path("precision").asText()).isEqualTo("bf16");
        assertThat(json.path("samples").asLong()).isEqualTo(640);
        assertThat(json.path("best").toString())
                .isEqualTo(
                        "{\"checkpointId\":\"quick-1-0-step-5\",\"averaged\":false,\"accuracy\":0.9924,\"loss\":0.05}");
        assertThat(json.path("served").toString())
                .isEqualTo("{\"model\":\"strokes\",\"version\":\"quick-1-0-step-5\"}");
        assertThat(json.path("curves").toString())
                .isEqualTo(
                        "[{\"step\":1,\"loss\":2.5,\"accuracy\":0.125,\"learningRate\":0.01,\"imagesPerSecond\":700.0},"
                                + "{\"step\":2,\"loss\":null,\"accuracy\":null,\"learningRate\":0.02,\"imagesPerSecond\":750.0,"
                                + "\"validationLoss\":0.5,\"validationAccuracy\":0.875}]");
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aFileThatCannotBeWrittenIsRefusedBeforeTheWork() {
        assertThatThrownBy(() -> ReportFile.open(directory.resolve("missing/r.json")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("--report")
                .hasMessageContaining("cannot be written");
        assertThatThrownBy(() -> ReportFile.open(directory))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("is a directory");
    }

    @Test
    void anEarlierReportStaysUntilThereIsANewOne() throws IOException {
        Path path = Files.writeString(directory.resolve("r.json"), "{}");

        ReportFile.open(path);

        assertThat(path).hasContent("{}");
    }
}
