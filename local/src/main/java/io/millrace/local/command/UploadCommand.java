// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.local.Refusal;
import io.millrace.local.stack.Part;
import io.millrace.local.watch.DatasetContents;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace upload}. */
@Command(
        name = "upload",
        description =
                "Sends pictures to a dataset-service that does not see this machine's files; runs then ask for them by "
                        + "name.",
        mixinStandardHelpOptions = true)
public final class UploadCommand implements Callable<Integer> {
    /** The service reads every picture before it answers. */
    private static final Duration PATIENCE = Duration.ofHours(6);

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int CREATED = 201;
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    @Spec
    private CommandSpec command;

    @Mixin
    private StackOption stack;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Address of the dataset-service. Default: the one of this machine's stack, by --port")
    private URI url;

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            description = "By which runs ask for it: lower-case letters, digits, '-'")
    private String name;

    @Parameters(
            index = "1",
            paramLabel = "PATH",
            description = "A folder, which is packed on the way, or a zip, a tar or a gzipped tar")
    private Path path;

    /** What was found in it; 1 when it was not accepted. */
    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Files.isReadable(path)) {
            throw new Refusal(path + " is not there, or cannot be read");
        }
        URI base = url == null ? stack.ports().uri(Part.DATASET) : url;
        URI to = base.resolve("/datasets/" + name);
        try {
            HttpResponse<String> response = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT)
                    .build()
                    .send(
                            stack.token()
                                    .on(HttpRequest.newBuilder(to))
                                    .timeout(PATIENCE)
                                    .header("Content-Type", "application/octet-stream")
                                    .POST(body())
                                    .build(),
                            BodyHandlers.ofString());
            return tell(response);
        } catch (ConnectException e) {
            throw new Refusal(
                    "nothing answers at " + to + "; start a stack with ./millrace up, or name it with --url", e);
        }
    }

    private int tell(HttpResponse<String> response) throws IOException {
        JsonNode answer = JSON.readTree(response.body());
        if (response.statusCode() != CREATED) {
            command.commandLine()
                    .getErr()
                    .println("not accepted: " + answer.path("detail").asText(response.body()));
            return 1;
        }
        JSON.treeToValue(answer.path("contents"), DatasetContents.class)
                .lines(name)
                .forEach(command.commandLine().getOut()::println);
        command.commandLine()
                .getOut()
                .println("accepted, sha256 " + answer.path("sha256").asText() + "; runs ask for {\"dataset\": \"" + name
                        + "\"}");
        command.commandLine().getOut().flush();
        return 0;
    }

    private BodyPublisher body() throws IOException {
        return Files.isDirectory(path) ? BodyPublishers.ofInputStream(this::packed) : BodyPublishers.ofFile(path);
    }

    /** A zip of the folder that is made while it is sent. */
    private InputStream packed() {
        try {
            PipedInputStream in = new PipedInputStream(1 << 20);
            PipedOutputStream out = new PipedOutputStream(in);
            Thread packer = new Thread(() -> pack(out), "packer");
            packer.setDaemon(true);
            packer.start();
            return in;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it fails, the archive ends without its directory and is refused; why is said here. */
    private void pack(OutputStream to) {
        try (OutputStream out = to) {
            ZipOutputStream zip = new ZipOutputStream(out);
            zip.setLevel(Deflater.BEST_SPEED);
            for (Path file : files()) {
                zip.putNextEntry(new ZipEntry(path.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, zip);
                zip.closeEntry();
            }
            zip.finish();
        } catch (IOException | UncheckedIOException e) {
            command.commandLine().getErr().println("packing broke off: " + e.getMessage());
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
