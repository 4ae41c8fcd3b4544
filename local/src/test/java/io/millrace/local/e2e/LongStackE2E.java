// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Recipes;
import io.millrace.local.stack.Part;
import io.millrace.local.watch.Availability;
import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stack that stays up, as a newcomer has it: trained, asked, stopped, started again. */
class LongStackE2E {
    private static final String[] STROKES = {
        "--dataset",
        "strokes",
        // Enough steps for the answers to be right: 2 x 80.
        "--batch-size",
        "32",
        "--epochs",
        "2",
        "--set",
        "millrace.dataset.strokes.train-samples=2560",
        "--set",
        "millrace.dataset.strokes.test-samples=512"
    };
    private static final Pattern TRUTH = Pattern.compile("the picture shows (\\d)");
    private static final Pattern CURL = Pattern.compile("(curl -F .*)");

    @TempDir
    private Path parent;

    private Path directory;

    @BeforeEach
    void aDirectoryThatAShellWouldMisread() throws IOException {
        directory = Files.createDirectory(parent.resolve("it's here"));
    }

    @Test
    void aStackAnswersAndStopsInOrderAndKeepsItsModelForTheNextStart() throws Exception {
        String first;
        try (Up up = Up.start(directory, STROKES)) {
            up.awaitOutput("the model is served until Ctrl-C");
            first = onlyRun(up);

            theCurlLineWorksAsPrinted(up);
            classifySaysWhatThePictureShows(up);
            theTestSplitIsAnsweredAsItWasScored(up);
            statusTellsTheWhole(up, first);
            theWorkDirectoryIsTaken(up);
            theDataSetsAreThoseThatTheOptionsKnow(up);
            controlCStopsEverything(up, Part.ALL);
        }
        whatWasPromotedIsServedWithoutATraining(first);
        aFileIsServedByOneProcess(first);
        try (Up again = Up.start(directory, STROKES)) {
            again.awaitOutput("serving    strokes, version " + first);
            again.awaitOutput("first training step");
            assertThat(again.endpoints().runs()).hasSize(2);
            aRecipeIsSearchedAndWritten(again);
        }
    }

    private static String onlyRun(Up up) {
        List<OrderedRun> runs = up.endpoints().runs();
        assertThat(runs).hasSize(1);
        return runs.get(0).runId();
    }

    /** In another directory than that of the stack, as in a second terminal. */
    private static void theCurlLineWorksAsPrinted(Up up) throws IOException, InterruptedException {
        Matcher curl = CURL.matcher(up.output());
        assertThat(curl.find()).as(up.output()).isTrue();
        if (!Up.has("curl")) {
            return;
        }
        Process shell = new ProcessBuilder("sh", "-c", curl.group(1)).start();
        String answer = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor()).as(curl.group(1)).isZero();
        assertThat(answer).contains("\"label\"").contains("\"version\"");
    }

    private void classifySaysWhatThePictureShows(Up up) throws IOException, InterruptedException {
        Matcher truth = TRUTH.matcher(up.output());
        assertThat(truth.find()).as(up.output()).isTrue();

        String printed = up.run(directory, "classify", ".millrace/sample.png", "missing.png");

        assertThat(printed)
                .containsPattern("sample.png +" + truth.group(1) + " ")
                .contains("missing.png  is no file that can be read")
                .endsWith("exit code 1");
    }

    private static void theTestSplitIsAnsweredAsItWasScored(Up up) throws Exception {
        Standing promoted = up.endpoints().leaderboard().stream()
                .filter(Standing::promoted)
                .findFirst()
                .orElseThrow();
        Dataset dataset = up.endpoints().runs().get(0).spec().dataset();

        assertThat(new ServedAccuracy(up.ports()).of(dataset)).isEqualTo(promoted.accuracy());
    }

    private void statusTellsTheWhole(Up up, String runId) throws IOException, InterruptedException {
        assertThat(up.run(directory, "status"))
                .contains("kafka", "trainer-service", "ready")
                .contains("run        " + runId + "  finished")
                .contains("(promoted)")
                .contains("serving    strokes, version " + runId)
                .containsPattern("memory +\\d+ MiB resident: .*trainer-service \\d+ MiB.*, millrace \\d+ MiB")
                .containsPattern(
                        "disk +[\\d.]+ MiB in .*millrace: broker [\\d.]+ MiB, checkpoints \\d+ MiB, data .*, logs .* free")
                .endsWith("exit code 0");
    }

    private void theWorkDirectoryIsTaken(Up up) throws IOException, InterruptedException {
        try (Up second = Up.start(directory)) {
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output()).contains("in use by another ./millrace up");
        }
        try (Up second = Up.start(directory, up.ports(), "--work-dir", "other")) {
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output()).contains("is busy").contains("--port N");
        }
    }

    private static void theDataSetsAreThoseThatTheOptionsKnow(Up up) {
        assertThat(up.endpoints().datasets()).extracting(Availability::name).contains("mnist", "cifar10", "strokes");
    }

    private void whatWasPromotedIsServedWithoutATraining(String run) throws Exception {
        List<Part> parts = List.of(Part.BROKER, Part.INFERENCE);
        try (Up serve = Up.serve(directory)) {
            serve.awaitOutput("serving    strokes, version " + run);
            serve.awaitOutput("the model is served until Ctrl-C");
            assertThat(serve.children()).hasSize(2);
            try (Up second = Up.serve(directory)) {
                assertThat(second.exitCode()).isEqualTo(1);
                assertThat(second.output()).contains("in use by another ./millrace");
            }
            aFolderIsClassifiedAcrossADeathOfTheServer(serve);
            assertThat(Up.command(directory, "logs", "inference", "-n", "50"))
                    .contains("Model served.")
                    .endsWith("exit code 0");
            controlCStopsEverything(serve, parts);
        }
        try (Up unknown = Up.serve(directory, "--model", "mnist")) {
            assertThat(unknown.exitCode()).isEqualTo(1);
            assertThat(unknown.output())
                    .contains("nothing is promoted as mnist")
                    .contains("what is: strokes");
        }
    }

    private void aFolderIsClassifiedAcrossADeathOfTheServer(Up serve) throws Exception {
        Path pictures = Files.createDirectories(directory.resolve("pictures/more"));
        for (int i = 0; i < 300; i++) {
            Files.copy(directory.resolve(".millrace/sample.png"), pictures.resolve(i + ".png"));
        }
        Path csv = directory.resolve("out.csv");
        CompletableFuture<String> printed = CompletableFuture.supplyAsync(() -> {
            try {
                return serve.run(directory, "classify", "pictures", "--csv", "out.csv");
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(csv).isNotEmptyFile());
        serve.kill(Part.INFERENCE);

        assertThat(printed.get(3, TimeUnit.MINUTES))
                .contains("300 of 300 pictures,")
                .endsWith("exit code 0");
        assertThat(Files.readAllLines(csv)).hasSize(301);
    }

    private void aFileIsServedByOneProcess(String run) throws Exception {
        Path weights;
        try (Stream<Path> files = Files.walk(directory.resolve(".millrace/checkpoints"))) {
            weights = files.filter(file -> file.getFileName().toString().matches("step-160-[0-9a-f]+\\.safetensors"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.copy(weights, directory.resolve("mine.safetensors"));
        try (Up serve = Up.serve(directory, "mine.safetensors", "--work-dir", "elsewhere")) {
            serve.awaitOutput("serving    strokes, version " + run);
            assertThat(serve.children()).hasSize(1);
            assertThat(serve.run(directory, "classify", ".millrace/sample.png")).endsWith("exit code 0");
            controlCStopsEverything(serve, List.of(Part.INFERENCE));
        }
    }

    /** Beside the run of the stack, of which the trials take the worker. */
    private void aRecipeIsSearchedAndWritten(Up up) throws Exception {
        Files.writeString(directory.resolve("tiny.json"), """
                {"block": "basic", "depths": [1, 1], "widths": [8, 16], "stem": "cifar"}
                """);
        String[] search = {
            "tune",
            "--dataset",
            "strokes",
            "--network",
            "tiny.json",
            "--precision",
            "fp32",
            "--batch-size",
            "64",
            "--epochs",
            "2",
            "--trials",
            "4",
            "--eta",
            "2",
            "--rate",
            "0.005:0.5",
            "--priority",
            "9",
            "--set",
            "augmentation.shift=1"
        };

        String printed = up.run(directory, search);

        assertThat(printed)
                .contains("validation 0.1 of the training images are set apart")
                .contains("search     tune-strokes: 4 to epoch 1, 2 to epoch 2: 6 epochs in all, instead of 8")
                .containsPattern("\nTRIAL +RATE +DECAY +AUGMENT +EPOCH 1 +EPOCH 2 +STATE\n")
                .containsPattern("tune-strokes-\\d [^\n]*%[^\n]*%  won")
                .endsWith("exit code 0");
        List<OrderedRun> trials = up.endpoints().runs().stream()
                .filter(run -> run.runId().startsWith("tune-strokes-"))
                .toList();
        OrderedRun winner =
                trials.stream().filter(OrderedRun::finished).findFirst().orElseThrow();
        assertThat(trials).hasSize(4).allMatch(run -> run.finished() || run.stopped());
        assertThat(Recipes.of(new ObjectMapper()
                        .readTree(directory.resolve("tune-strokes.json").toFile())))
                .isIn(trials.stream().map(run -> run.spec().recipe()).toList());
        assertThat(winner.spec().epochs()).isEqualTo(2);
        assertThat(up.run(directory, search))
                .as("it is decided, and only looked at")
                .containsPattern("tune-strokes-\\d [^\n]*%[^\n]*%  won")
                .endsWith("exit code 0");
        assertThat(up.run(directory, "tune", "--dataset", "strokes", "--trials", "4", "--eta", "2"))
                .contains("the run tune-strokes-1 is there already and is another one")
                .endsWith("exit code 1");
    }

    private static void controlCStopsEverything(Up up, List<Part> parts) throws IOException, InterruptedException {
        List<ProcessHandle> children = up.children();
        assertThat(children).hasSize(parts.size()).allMatch(ProcessHandle::isAlive);

        up.interrupt();

        assertThat(up.exitCode()).isEqualTo(130);
        assertThat(up.output()).contains("stopping").containsPattern("stopped after [0-9.]+ s");
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
    }
}
