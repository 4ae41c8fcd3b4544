// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.local.Millrace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Against a server of this JVM in the place of dataset-service. */
class UploadCommandTest {
    private static final String ACCEPTED = """
            {"name":"mine","sha256":"abcd","bytes":9,"contents":{"kind":"folders of classes","digest":"d","shape":"3x32x32",
             "sizes":"32x32","classes":[{"name":"cat","train":8,"test":2},{"name":"dog","train":4,"test":1}],
             "skippedFiles":0,"skipped":[],"notes":[]}}""";

    @TempDir
    private Path directory;

    private HttpServer server;
    private byte[] body;
    private String path;
    private int status = 201;
    private String answer = ACCEPTED;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            path = exchange.getRequestURI().toString();
            body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(status, answer.length());
            exchange.getResponseBody().write(answer.getBytes(UTF_8));
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private int execute(Path what) {
        CommandLine command = Millrace.commandLine();
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return command.execute(
                "upload",
                "mine",
                what.toString(),
                "--url",
                "http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Test
    void aFolderIsPackedOnTheWay() throws IOException {
        // Given
        Files.createDirectories(directory.resolve("a cat"));
        Files.write(directory.resolve("a cat").resolve("1.png"), new byte[] {1, 2, 3});
        Files.write(directory.resolve("labels.csv"), "x".getBytes(UTF_8));

        // Then
        assertThat(execute(directory)).as(err.toString()).isZero();
        assertThat(path).isEqualTo("/datasets/mine");
        List<String> names = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(body))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName() + " " + zip.readAllBytes().length);
            }
        }
        assertThat(names).containsExactly("a cat/1.png 3", "labels.csv 1");
        assertThat(out.toString())
                .contains("found mine: folders of classes, 2 classes, 12 images to train and 3 to test on, 3x32x32")
                .contains("accepted, sha256 abcd");
    }

    @Test
    void anArchiveGoesAsItIsAndARefusalIsSaid() throws IOException {
        Path archive = Files.write(directory.resolve("a.tar"), new byte[] {7, 8, 9});
        status = 422;
        answer = "{\"detail\":\"it is no archive\"}";

        assertThat(execute(archive)).isEqualTo(1);
        assertThat(body).containsExactly(7, 8, 9);
        assertThat(err.toString()).contains("not accepted: it is no archive");
        assertThat(execute(directory.resolve("nothing"))).isNotZero();
        assertThat(err.toString()).contains("nothing is not there, or cannot be read");
    }
}
