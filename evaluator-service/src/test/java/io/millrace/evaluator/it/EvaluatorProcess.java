// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged service as a process of its own. */
final class EvaluatorProcess implements AutoCloseable {
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");

    private final Process process;
    private final int port;
    private final Path log;

    private EvaluatorProcess(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /** Starts it; its log goes to a file in {@code directory}, its store is {@code directory/store}. */
    static EvaluatorProcess start(String bootstrapServers, Path directory, String... settings) throws IOException {
        int port = freePort();
        Path log = Files.createTempFile(directory, "evaluator", ".log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dkafka.bootstrap.servers=" + bootstrapServers,
                "-Dquarkus.http.port=" + port,
                "-Dmillrace.checkpoints.dir=" + directory.resolve("store")));
        for (String setting : settings) {
            command.add("-D" + setting);
        }
        command.addAll(List.of("-jar", JAR.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new EvaluatorProcess(process, port, log);
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    EvaluatorProcess awaitReady() {
        awaitStatus("/q/health/ready", 200);
        return this;
    }

    /** Waits until a path answers with a status. */
    void awaitStatus(String path, int status) {
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(100))
                .failFast(() -> assertThat(process.isAlive()).as(log()).isTrue())
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(http().get(path).statusCode()).isEqualTo(status));
    }

    /** Waits until the log contains some text. */
    void awaitLog(String text) {
        await().atMost(Duration.ofMinutes(2)).until(() -> log().contains(text));
    }

    RequestSpecification http() {
        return given().baseUri("http://127.0.0.1").port(port);
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Waits for its own end. */
    int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    /** SIGTERM; an orderly end is expected soon. */
    @Override
    public void close() {
        process.destroy();
        try {
            assertThat(process.waitFor(1, TimeUnit.MINUTES))
                    .as("it ends after SIGTERM:%n%s", log())
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
