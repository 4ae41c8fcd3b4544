// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code up --exit-when-done --report}: a run from the first process to the last, without anybody watching. */
class ReportE2E {
    private static final Path MNIST = Up.ROOT.resolve("../shared/data/mnist");

    @TempDir
    private Path directory;

    @Test
    void aNetworkOfOnesOwnIsTrainedOnStrokesScoredPromotedServedAndReported() throws Exception {
        Files.writeString(directory.resolve("small.json"), """
                {"block": "basic", "depths": [1, 1, 1], "widths": [16, 32, 64], "stem": "cifar"}
                """);
        assertThat(Up.command(directory, "summary", "--network", "small.json"))
                .startsWith("small, stem cifar, images of 1x28x28, 10 classes")
                .contains("layer3.0.conv2 ", "64x7x7", "memory")
                .endsWith("exit code 0");
        try (Up up = Up.start(
                directory,
                "--dataset",
                "strokes",
                "--network",
                "small.json",
                "--precision",
                "fp32",
                "--batch-size",
                "64",
                "--seed",
                "3",
                "--exit-when-done",
                "--report",
                "r.json",
                "--set",
                "millrace.dataset.strokes.train-samples=1300",
                "--set",
                "millrace.dataset.strokes.test-samples=300")) {
            assertThat(up.exitCode()).as(up.output()).isZero();

            JsonNode report = report();
            assertThat(report.path("dataset").asText()).isEqualTo("strokes");
            assertThat(report.path("network").asText()).isEqualTo("small");
            assertThat(report.path("compute").path("precision").asText()).isEqualTo("fp32");
            assertThat(report.path("epochs").asInt()).isEqualTo(1);
            assertThat(report.path("steps").asInt()).isEqualTo(20);
            assertThat(report.path("samples").asInt()).isEqualTo(20 * 64);
            assertThat(report.path("seed").asInt()).isEqualTo(3);
            assertThat(report.path("checkpoints").asInt()).isPositive();
            assertThat(report.path("trainSeconds").asDouble()).isPositive();
            assertThat(report.path("imagesPerSecond").asDouble()).isPositive();
            assertThat(report.path("waitRatio").asDouble()).isBetween(0.0, 1.0);
            assertThat(report.path("served").path("model").asText()).isEqualTo("strokes");
            assertThat(report.path("served").path("version").asText())
                    .isEqualTo(report.path("best").path("checkpointId").asText());
            List<Long> steps = new ArrayList<>();
            report.path("curves").forEach(point -> steps.add(point.path("step").asLong()));
            assertThat(steps).as("the curves").isNotEmpty().isSorted().last().isEqualTo(20L);
            assertThat(report.path("curves").path(0).path("learningRate").isNumber())
                    .isTrue();
            assertThat(up.output())
                    .containsPattern("evaluated  " + report.path("runId").asText() + "-[0-9a-z]+-step-20")
                    .containsPattern("stopped after");
        }
    }

    @Test
    void aSliceOfRealMnistIsLearnt() throws Exception {
        assumeTrue(Files.isDirectory(MNIST), "skipped: no MNIST at " + MNIST);
        Path slice = MnistSlice.write(MNIST, directory.resolve("slice"), 6_400, 1_000);
        try (Up up = Up.start(
                directory,
                "--dataset",
                "mnist",
                "--data-dir",
                slice.toString(),
                "--epochs",
                "2",
                "--exit-when-done",
                "--report",
                "r.json")) {
            assertThat(up.exitCode()).as(up.output()).isZero();

            assertThat(report().path("dataset").asText()).isEqualTo("mnist");
            assertThat(report().path("samples").asInt()).isEqualTo(2 * 6_400);
            assertThat(report().path("best").path("accuracy").asDouble()).isGreaterThan(0.9);
        }
    }

    @Test
    void aDataDirectoryWithoutPicturesFailsWithTheReasonAndTheRemedy() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        try (Up up = Up.start(directory, "--data-dir", empty.toString())) {
            assertThat(up.exitCode()).isEqualTo(1);
            assertThat(up.output())
                    .contains("has no folders with pictures")
                    .contains("--data-dir")
                    .contains("stopped after");
        }
    }

    @Test
    void whereMnistCannotBeHadStrokesTakeItsPlaceAndThatIsSaid() throws Exception {
        try (Up up = Up.start(
                directory,
                "--exit-when-done",
                "--set",
                "millrace.dataset.mirrors=http://127.0.0.1:9/",
                "--set",
                "millrace.dataset.strokes.train-samples=640",
                "--set",
                "millrace.dataset.strokes.test-samples=100")) {
            assertThat(up.exitCode()).as(up.output()).isZero();
            assertThat(up.output())
                    .contains("the data set mnist cannot be had")
                    .contains("training on strokes instead")
                    .contains("done");
        }
    }

    @Test
    void mnistThatWasAskedForAndCannotBeHadFailsWithTheReasonAndTheRemedy() throws Exception {
        try (Up up =
                Up.start(directory, "--dataset", "mnist", "--set", "millrace.dataset.mirrors=http://127.0.0.1:9/")) {
            assertThat(up.exitCode()).as(up.output()).isEqualTo(1);
            assertThat(up.output()).contains("127.0.0.1:9").contains("--data-dir");
        }
    }

    @Test
    void aSettingThatAServiceRefusesEndsTheStackWithTheReason() throws Exception {
        try (Up up = Up.start(directory, "--dataset", "strokes", "--set", "millrace.trainer.threads=0")) {
            assertThat(up.exitCode()).as(up.output()).isEqualTo(1);
            assertThat(up.output())
                    .contains("trainer-service    crashed: ended with exit code 1")
                    .contains("it said last: millrace.trainer.threads is 0; it must be at least 1")
                    .contains("trainer-service ended 5 times in a row")
                    .contains("trainer-service.log")
                    .contains("stopped after");
        }
    }

    private JsonNode report() throws Exception {
        return new ObjectMapper().readTree(directory.resolve("r.json").toFile());
    }
}
