// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.local.stack.Part;
import io.millrace.local.watch.Availability;
import io.millrace.local.watch.OrderedRun;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final Pattern CURL = Pattern.compile("curl -F file=@(\\S+) (\\S+)");

    @TempDir
    private Path directory;

    @Test
    void aStackAnswersAndStopsInOrderAndKeepsItsModelForTheNextStart() throws Exception {
        String first;
        try (Up up = Up.start(directory, STROKES)) {
            up.awaitOutput("the model is served until Ctrl-C");
            first = onlyRun(up);

            theCurlLineWorksAsPrinted(up);
            classifySaysWhatThePictureShows(up);
            statusTellsTheWhole(up, first);
            theWorkDirectoryIsTaken(up);
            theDataSetsAreThoseThatTheOptionsKnow(up);
            controlCStopsEverything(up);
        }
        try (Up again = Up.start(directory, STROKES)) {
            again.awaitOutput("serving    strokes, version " + first);
            again.awaitOutput("first training step");
            assertThat(again.endpoints().runs()).hasSize(2);
        }
    }

    private static String onlyRun(Up up) {
        List<OrderedRun> runs = up.endpoints().runs();
        assertThat(runs).hasSize(1);
        return runs.get(0).runId();
    }

    private void theCurlLineWorksAsPrinted(Up up) throws IOException, InterruptedException {
        Matcher curl = CURL.matcher(up.output());
        assertThat(curl.find()).as(up.output()).isTrue();
        // The tests need no curl: this is what the printed command sends.
        String boundary = "millrace-boundary";
        byte[] picture = Files.readAllBytes(directory.resolve(curl.group(1)));
        String head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"sample.png\"\r\n"
                + "Content-Type: image/png\r\n\r\n";
        HttpRequest request = HttpRequest.newBuilder(java.net.URI.create(curl.group(2)))
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.concat(
                        BodyPublishers.ofString(head),
                        BodyPublishers.ofByteArray(picture),
                        BodyPublishers.ofString("\r\n--" + boundary + "--\r\n")))
                .build();

        HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).contains("\"label\"").contains("\"version\"");
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

    private void statusTellsTheWhole(Up up, String runId) throws IOException, InterruptedException {
        assertThat(up.run(directory, "status"))
                .contains("kafka", "trainer-service", "ready")
                .contains("run        " + runId + "  finished")
                .contains("(promoted)")
                .contains("serving    strokes, version " + runId)
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
        assertThat(up.endpoints().datasets()).extracting(Availability::name).containsExactly("mnist", "strokes");
    }

    private static void controlCStopsEverything(Up up) throws IOException, InterruptedException {
        List<ProcessHandle> children = up.children();
        assertThat(children).hasSize(Part.values().length).allMatch(ProcessHandle::isAlive);

        up.interrupt();

        assertThat(up.exitCode()).isEqualTo(130);
        assertThat(up.output()).contains("stopping").containsPattern("stopped after [0-9.]+ s");
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
    }
}
