// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.local.stack.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed with SIGKILL while they work. */
class CrashE2E {
    private static final int SAMPLES = 12_800;

    @TempDir
    private Path directory;

    @Test
    void aRunWhoseEveryProcessIsKilledOnceFinishesAsIfNothingHadHappened() throws Exception {
        try (Up up = Up.start(
                directory,
                "--dataset",
                "strokes",
                "--exit-when-done",
                "--report",
                "r.json",
                "--set",
                "millrace.dataset.strokes.train-samples=" + SAMPLES,
                "--set",
                "millrace.dataset.strokes.test-samples=512",
                "--set",
                "checkpointEverySteps=10")) {
            up.awaitStep(12);
            up.kill(Part.TRAINER);
            up.kill(Part.DATASET);
            up.kill(Part.EVALUATOR);
            up.awaitStep(30);
            up.kill(Part.BROKER);
            up.kill(Part.INFERENCE);

            assertThat(up.exitCode()).as(up.output()).isZero();
            assertThat(up.output()).contains("crashed: was ended by signal 9; restart in");
            reportIsThatOfAnUndisturbedRun();
        }
    }

    private void reportIsThatOfAnUndisturbedRun() throws IOException {
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("r.json").toFile());
        assertThat(report.path("steps").asLong()).isEqualTo(SAMPLES / 128);
        assertThat(report.path("samples").asLong()).isEqualTo(SAMPLES);
        assertThat(report.path("best").path("accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(report.path("served").path("version").asText())
                .isEqualTo(report.path("best").path("checkpointId").asText());
    }

    @Test
    void noProcessSurvivesAParentThatIsKilledAndTheNextStartNeedNotWait() throws Exception {
        try (Up up = Up.start(directory, "--dataset", "strokes")) {
            up.awaitOutput("trainer-service    ready");
            List<ProcessHandle> children = up.children();
            assertThat(children).hasSize(Part.ALL.size()).allMatch(ProcessHandle::isAlive);

            up.kill();
            try (Up again = Up.start(directory, up.ports(), "--dataset", "strokes")) {
                again.awaitOutput("kafka              ready");
                // They allow themselves five seconds of a processor that is theirs.
                await().atMost(Duration.ofMinutes(1))
                        .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
            }
        }
    }
}
