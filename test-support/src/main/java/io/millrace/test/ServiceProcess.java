// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * A packaged service, that of the module under test or another, as a process of its own, as it runs in production, and a
 * client to it. It may be asked by several threads at once. What fails on the way to the service is an {@link UncheckedIOException}.
 */
public final class ServiceProcess implements AutoCloseable {
    private static final String PORT = "quarkus.http.port";
    private static final String MANAGEMENT_PORT = "quarkus.management.port";
    private static final Pattern MANAGEMENT = Pattern.compile("/q/(health|metrics)\\b.*");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    static {
        // A machine that is busy with other things must not fail a test, whoever waits in it.
        Awaitility.setDefaultTimeout(PATIENCE);
    }

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final Path log;
    private final URI uri;
    private final URI management;

    private ServiceProcess(Process process, Path log, URI uri, URI management) {
        this.process = process;
        this.log = log;
        this.uri = uri;
        this.management = management;
    }

    /**
     * Starts it, on a free port unless the configuration names one. Its log is a file in {@code target}.
     *
     * @param jvmOptions may set defaults: the configuration comes after them
     */
    public static ServiceProcess start(String bootstrapServers, Map<String, String> config, String... jvmOptions) {
        Map<String, String> all = new LinkedHashMap<>(config);
        all.put("kafka.bootstrap.servers", bootstrapServers);
        return start(Path.of(""), all, Map.of(), jvmOptions);
    }

    /**
     * Starts the packaged service of any module.
     *
     * @param module its folder
     * @param config by the keys' names in files; how to reach the broker is part of it
     * @param environment further variables of the process
     */
    public static ServiceProcess start(
            Path module, Map<String, String> config, Map<String, String> environment, String... jvmOptions) {
        String port = config.getOrDefault(PORT, Integer.toString(TestPorts.one()));
        String management = config.getOrDefault(MANAGEMENT_PORT, Integer.toString(TestPorts.one()));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                // Whose machine is busy has nothing to complain of, where tests look for complaints.
                "-Dquarkus.vertx.max-event-loop-execute-time=5m",
                "-D" + PORT + "=" + port,
                "-D" + MANAGEMENT_PORT + "=" + management));
        command.addAll(List.of(jvmOptions));
        config.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of(
                "-jar", module.resolve("target/quarkus-app/quarkus-run.jar").toString()));
        try {
            Path log = Files.createTempFile(Path.of("target"), "service-", ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new ServiceProcess(process, log, address(port), address(management));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URI address(String port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Its id, to see what the system shows of it. */
    public long pid() {
        return process.pid();
    }

    /** Where it listens. */
    public URI uri() {
        return uri;
    }

    public ServiceProcess awaitReady() {
        return awaitStatus("/q/health/ready", 200);
    }

    /** Waits until a GET is answered with a status; a process that ends meanwhile is a failure. */
    public ServiceProcess awaitStatus(String path, int status) {
        await().failFast(() -> assertThat(process.isAlive()).as(this::log).isTrue())
                .untilAsserted(() -> assertThat(status(path))
                        .as(() -> path + "; log:\n" + log())
                        .isEqualTo(status));
        return this;
    }

    /** Waits until the log contains some text. */
    public void awaitLog(String text) {
        await().untilAsserted(() -> assertThat(log()).contains(text));
    }

    /** Status of a GET; 0 when nobody answers. */
    public int status(String path) {
        try {
            return get(path).statusCode();
        } catch (UncheckedIOException e) {
            return 0;
        }
    }

    public HttpResponse<String> get(String path) {
        return send(request(path));
    }

    public JsonNode json(String path) {
        return json(get(path));
    }

    public static JsonNode json(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(response.body(), e);
        }
    }

    /** Posts JSON. */
    public HttpResponse<String> post(String path, String body) {
        return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
    }

    public HttpResponse<String> delete(String path) {
        return send(request(path).DELETE());
    }

    /** A request to the service, or, for health and metrics, to where it says how it is. */
    public HttpRequest.Builder request(String path) {
        URI base = MANAGEMENT.matcher(path).matches() ? management : uri;
        return HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE);
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The value of a sample in {@code /q/metrics}, which has to be there: with these labels, or the sum over all. */
    public double metric(String sample) {
        List<String> lines = get("/q/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(sample + " ") || line.startsWith(sample + "{"))
                .toList();
        assertThat(lines).as(sample).isNotEmpty();
        return lines.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** All that it has said. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL; returns when the process has ended. */
    public void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    /** Sends a signal by its name, such as {@code STOP}. */
    public void signal(String name) {
        try {
            assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SIGTERM; returns when the process has ended. */
    public void terminate() {
        process.destroy();
        awaitExit();
    }

    /** Waits for the end of the process; its exit code. */
    public int awaitExit() {
        return awaitExit(PATIENCE);
    }

    private int awaitExit(Duration patience) {
        try {
            assertThat(process.waitFor(patience.toSeconds(), TimeUnit.SECONDS))
                    .as(() -> "process ended; log:\n" + log())
                    .isTrue();
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SIGTERM; an orderly end is expected soon. */
    @Override
    public void close() {
        process.destroy();
        try {
            awaitExit(Duration.ofMinutes(1));
        } finally {
            process.destroyForcibly();
        }
    }
}
