// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.local.Refusal;
import io.millrace.local.stack.Part;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace classify}. */
@Command(name = "classify", description = "Asks the served model what images show.", mixinStandardHelpOptions = true)
public final class ClassifyCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Spec
    private CommandSpec command;

    @Mixin
    private PortOption port;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "PNG, JPEG, GIF or BMP")
    private List<Path> files;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** A line per file; 1 when one of them has no answer. */
    @Override
    public Integer call() throws InterruptedException {
        URI uri = port.ports().uri(Part.INFERENCE).resolve("/classify");
        int failures = 0;
        for (Path file : files) {
            try {
                out().println(file + "  " + classify(uri, file));
            } catch (UnansweredException e) {
                failures++;
                command.commandLine().getErr().println(file + "  " + e.getMessage());
            }
            out().flush();
        }
        return failures == 0 ? 0 : 1;
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }

    private String classify(URI uri, Path file) throws UnansweredException, InterruptedException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new UnansweredException("is no file that can be read");
        }
        try {
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .timeout(PATIENCE)
                    .header("Content-Type", "application/octet-stream")
                    .POST(BodyPublishers.ofFile(file))
                    .build();
            return answer(http.send(request, BodyHandlers.ofString()));
        } catch (ConnectException e) {
            throw new Refusal(
                    "nothing answers at " + uri
                            + ". Start a stack with ./millrace up, or name the port of the one that "
                            + "runs with --port N",
                    e);
        } catch (IOException e) {
            throw new UnansweredException("was not answered: " + e);
        }
    }

    private static String answer(HttpResponse<String> response) throws UnansweredException, IOException {
        if (response.statusCode() != 200) {
            throw new UnansweredException("was refused with status " + response.statusCode() + ": " + detail(response));
        }
        JsonNode prediction = JSON.readTree(response.body());
        return String.format(
                Locale.ROOT,
                "%s  %.2f %%  (%s, version %s)",
                prediction.path("label").asText(),
                100 * prediction.path("probability").asDouble(),
                prediction.path("model").asText(),
                prediction.path("version").asText());
    }

    private static String detail(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body()).path("detail").asText(response.body());
        } catch (IOException e) {
            // Not a problem document, so whatever it says is shown.
            return response.body();
        }
    }

    /** A file that there is no prediction for; the message says why. */
    private static final class UnansweredException extends Exception {
        UnansweredException(String message) {
            super(message);
        }
    }
}
