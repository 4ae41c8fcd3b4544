// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.stack.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is broken off, the command that is given again, and what one does with runs then. */
class ResumeE2E {
    private static final int SAMPLES = 7_680;
    private static final int STEPS = SAMPLES / 128;
    private static final String[] STROKES = {
        "--dataset",
        "strokes",
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
    void anotherCommandStopsTheRunTheSameOneGoesOnWithItAndRunsAreStoppedExtendedAndRemoved() throws Exception {
        String former;
        try (Up other = Up.start(directory, with("--seed", "2"))) {
            other.awaitStep(2);
            former = other.endpoints().training(Part.TRAINER).orElseThrow().runId();
            other.kill();
        }
        String runId;
        try (Up up = Up.start(directory, STROKES)) {
            up.awaitOutput("run " + former + " of an earlier start was not finished; it is stopped");
            up.awaitStep(12);
            runId = up.endpoints().training(Part.TRAINER).orElseThrow().runId();
            assertThat(runId).isNotEqualTo(former);
            assertThat(row(up, former)).contains("stopped");
            up.interrupt();
            assertThat(up.exitCode()).isEqualTo(130);
            assertThat(up.output()).doesNotContain("goes on with run");
        }
        try (Up again = Up.start(directory, STROKES)) {
            again.awaitOutput("done       ");
            assertThat(again.output()).contains("goes on with run " + runId);
            theReportIsThatOfOneWholeRun(runId);
            theTrainerWentOnFromItsCheckpoint(runId);
            theFinishedOneIsServedAndExtended(again, runId);
            theStoppedOneGoesOnAndIsRemoved(again, former);
            anotherOneStartsFromOurWeights(again, runId);
            again.interrupt();
        }
    }

    private void theFinishedOneIsServedAndExtended(Up up, String runId) throws Exception {
        assertThat(row(up, runId)).contains("finished", "1/1", STEPS + "/" + STEPS, " %", " *", " MiB");
        assertThat(up.run(directory, "rm", runId))
                .contains("is served from", "DELETE evaluator:/models/strokes")
                .endsWith("exit code 1");
        assertThat(up.run(directory, "resume", runId))
                .contains("was not stopped, it is finished")
                .endsWith("exit code 1");
        assertThat(up.run(directory, "extend", runId, "--epochs", "1"))
                .contains("has 2 epochs now")
                .endsWith("exit code 0");
        up.awaitRun(runId, order -> order.finished() && order.status().step() == 2 * STEPS);
        assertThat(row(up, runId)).contains("finished", "2/2");
        assertThat(up.run(directory, "stop", "nobody"))
                .contains("there is no run \"nobody\"; there are ", runId)
                .endsWith("exit code 1");
    }

    private void theStoppedOneGoesOnAndIsRemoved(Up up, String former) throws Exception {
        assertThat(up.run(directory, "resume", former)).endsWith("exit code 0");
        up.awaitStep(4);
        assertThat(up.run(directory, "rm", former)).contains("stop it first: ./millrace stop " + former);
        assertThat(up.run(directory, "stop", former)).contains("is stopped").endsWith("exit code 0");
        assertThat(row(up, former)).contains("stopped");
        up.awaitRun(former, order -> order.status().state() == RunStatus.State.STOPPED);
        assertThat(up.run(directory, "status")).contains("run        " + former + "  stopped");
        assertThat(up.run(directory, "rm", former)).contains("is removed").endsWith("exit code 0");
        assertThat(up.run(directory, "runs")).doesNotContain(former).endsWith("exit code 0");
    }

    private void anotherOneStartsFromOurWeights(Up up, String runId) throws Exception {
        String checkpoint = up.endpoints().leaderboard().stream()
                .filter(standing -> standing.runId().equals(runId))
                .findFirst()
                .orElseThrow()
                .checkpointId();
        assertThat(up.run(directory, "start", "--from", checkpoint.replaceAll("\\d+$", "7")))
                .contains("a checkpoint that there is: one that ./millrace status lists")
                .endsWith("exit code 1");
        String ordered = up.run(directory, "start", "--from", checkpoint, "--epochs", "50");
        assertThat(ordered).contains("is ordered").endsWith("exit code 0");
        String next = ordered.split(" ")[1];
        up.awaitRun(next, order -> order.status() != null && order.status().step() > 0);
        assertThat(up.endpoints().run(next).orElseThrow().spec().dataset().testSamples())
                .as("that of the run that it starts from")
                .isEqualTo(512);
        assertThat(directory.resolve(".millrace/logs/trainer-service.log"))
                .content()
                .contains("Starts from weights. runId=" + next + " weights=" + checkpoint);
        assertThat(up.run(directory, "stop", next)).endsWith("exit code 0");
    }

    /** What {@code runs} says of a run; no line of it is wider than a hundred columns. */
    private String row(Up up, String runId) throws Exception {
        String table = up.run(directory, "runs");
        assertThat(table).endsWith("exit code 0");
        assertThat(table.lines()).allMatch(line -> line.length() <= 100);
        return table.lines().filter(line -> line.startsWith(runId)).findFirst().orElse(table);
    }

    private static String[] with(String... options) {
        return Stream.concat(Stream.of(STROKES), Stream.of(options)).toArray(String[]::new);
    }

    private void theReportIsThatOfOneWholeRun(String runId) throws IOException {
        JsonNode report =
                new ObjectMapper().readTree(directory.resolve("r.json").toFile());
        assertThat(report.path("runId").asText()).isEqualTo(runId);
        assertThat(report.path("samples").asLong()).isEqualTo(SAMPLES);
        assertThat(report.path("steps").asLong()).isEqualTo(STEPS);
    }

    private void theTrainerWentOnFromItsCheckpoint(String runId) throws IOException {
        assertThat(directory.resolve(".millrace/logs/trainer-service.log"))
                .content()
                .containsPattern("Run resumes\\. runId=" + runId + " step=[1-9]");
    }
}
