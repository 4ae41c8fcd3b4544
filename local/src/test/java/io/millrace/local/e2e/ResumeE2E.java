// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is broken off, and the command that is given again. */
class ResumeE2E {
    private static final int SAMPLES = 7_680;
    private static final String[] STROKES = {
        "--dataset",
        "strokes",
        "--exit-when-done",
        "--report",
        "r.json",
        "--set",
        "millrace.dataset.strokes.train-samples=" + SAMPLES,
        "--set",
        "millrace.dataset.strokes.test-samples=512"
    };

    @TempDir
    private Path directory;

    @Test
    void anotherCommandDropsTheRunAndTheSameOneGoesOnWithIt() throws Exception {
        try (Up other = Up.start(directory, with("--seed", "2"))) {
            other.awaitStep(2);
            other.kill();
        }
        String runId;
        try (Up up = Up.start(directory, STROKES)) {
            up.awaitOutput("of an earlier start was not finished; it is dropped");
            up.awaitStep(12);
            runId = up.endpoints().training().orElseThrow().runId();
            up.interrupt();
            assertThat(up.exitCode()).isEqualTo(130);
            assertThat(up.output()).doesNotContain("goes on with run");
        }
        try (Up again = Up.start(directory, STROKES)) {
            assertThat(again.exitCode()).as(again.output()).isZero();
            assertThat(again.output()).contains("goes on with run " + runId);
        }
        theReportIsThatOfOneWholeRun(runId);
        theTrainerWentOnFromItsCheckpoint(runId);
    }

    private static String[] with(String... options) {
        return Stream.concat(Stream.of(STROKES), Stream.of(options)).toArray(String[]::new);
    }

    private void theReportIsThatOfOneWholeRun(String runId) throws IOException {
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("r.json").toFile());
        assertThat(report.path("runId").asText()).isEqualTo(runId);
        assertThat(report.path("samples").asLong()).isEqualTo(SAMPLES);
        assertThat(report.path("steps").asLong()).isEqualTo(SAMPLES / 128);
    }

    private void theTrainerWentOnFromItsCheckpoint(String runId) throws IOException {
        assertThat(directory.resolve(".millrace/logs/trainer-service.log"))
                .content()
                .containsPattern("Run resumes\\. runId=" + runId + " step=[1-9]");
    }
}
