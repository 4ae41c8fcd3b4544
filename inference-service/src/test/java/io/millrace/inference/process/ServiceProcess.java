// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged service as a process of its own, and a client to it. */
final class ServiceProcess implements AutoCloseable {
    private static final Path JAR =
            Path.of("target", "quarkus-app", "quarkus-run.jar").toAbsolutePath();
    private static final Duration START = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port = freePort();
    private final Path log;
    private final Process process;

    private ServiceProcess(Path dir, Map<String, String> settings) throws IOException {
        this.log = Files.createTempFile(dir, "inference-", ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        command.add("-Dmillrace.threads=1");
        command.add("-Dquarkus.http.port=" + port);
        command.add("-Dmillrace.inference.load-backoff=50ms");
        command.add("-Dmillrace.inference.load-attempts=3");
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.add("-jar");
        command.add(JAR.toString());
        this.process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** Starts it and waits until it is live. */
    static ServiceProcess start(Path dir, Map<String, String> settings) throws IOException {
        ServiceProcess service = new ServiceProcess(dir, settings);
        try {
            await("the service to be live; its log: " + service.log)
                    .atMost(START)
                    .failFast("it ended", () -> !service.process.isAlive())
                    .until(() -> service.answers("/q/health/live"));
        } catch (RuntimeException e) {
            service.close();
            throw new IllegalStateException(service.log(), e);
        }
        return service;
    }

    private boolean answers(String path) {
        try {
            return get(path).statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    void awaitReady() {
        await("the service to be ready").atMost(START).until(() -> answers("/q/health/ready"));
    }

    /** Waits until requests are answered by a version of the model. */
    void awaitVersion(String version) {
        await("version " + version)
                .atMost(START)
                .until(() -> json(get("/models")).findPath("version").asText().equals(version));
    }

    HttpResponse<byte[]> get(String path) {
        return send(HttpRequest.newBuilder(uri(path)));
    }

    HttpResponse<byte[]> classify(String contentType, BodyPublisher body) {
        return send(HttpRequest.newBuilder(uri("/classify"))
                .header("Content-Type", contentType)
                .POST(body));
    }

    HttpResponse<byte[]> classify(byte[] image) {
        return classify("image/png", BodyPublishers.ofByteArray(image));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return client.send(request.timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(new String(response.body(), UTF_8), e);
        }
    }

    /** The value of one line of {@code /q/metrics}; 0 when there is none. */
    double metric(String line) {
        return new String(get("/q/metrics").body(), UTF_8)
                .lines()
                .filter(candidate -> candidate.startsWith(line + " "))
                .mapToDouble(candidate -> Double.parseDouble(candidate.substring(line.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    /** All that it has said. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
