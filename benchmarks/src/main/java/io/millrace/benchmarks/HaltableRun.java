// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One {@code ./millrace up} to its end, which can be halted: broker, services and command stand still together, so that
 * something else can be measured on the same machine in the same minute. Not thread-safe.
 */
final class HaltableRun implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration GLANCE = Duration.ofMillis(100);
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final Path folder;
    private final Process process;
    private final URI trainer;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();
    private final Thread wake = new Thread(this::end);
    private long haltedNanos;
    private boolean succeeded;

    /**
     * Starts it.
     *
     * @param millrace the command
     * @param port the first of its ports
     * @param options of {@code up}; work directory, port and report are added
     */
    HaltableRun(Path millrace, int port, List<String> options) throws IOException {
        folder = Files.createTempDirectory("millrace-benchmark");
        trainer = URI.create("http://127.0.0.1:" + (port + 2) + "/run");
        List<String> command = new ArrayList<>(List.of(
                millrace.toString(),
                "up",
                "--exit-when-done",
                "--work-dir",
                folder.resolve("work").toString(),
                "--port",
                Integer.toString(port),
                "--report",
                folder.resolve("report.json").toString()));
        command.addAll(options);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output.txt").toFile())
                .start();
        // What stands still cannot see that its parent is gone.
        Runtime.getRuntime().addShutdownHook(wake);
    }

    /** Waits for the first training step. */
    void awaitTraining() throws IOException, InterruptedException {
        while (steps().done() == 0) {
            if (process.waitFor(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failed("before its first step");
            }
        }
    }

    /** Lets it run so long, or to its end. */
    void proceed(Duration time) throws InterruptedException {
        process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Steps of a run. */
    record Steps(long done, long all) {
        long left() {
            return all - done;
        }
    }

    /** How far the training is; (0, 0) before there is one. */
    Steps steps() throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(trainer).timeout(ANSWER).build();
            JsonNode run = JSON.readTree(
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body());
            return new Steps(run.path("step").asLong(), run.path("steps").asLong());
        } catch (IOException e) {
            return new Steps(0, 0);
        }
    }

    /** Lets something else have the machine. */
    <T> T halted(Work<T> work) throws IOException, InterruptedException {
        signal("STOP");
        // A signal has arrived a moment before its sender is seen to end: once at the run's cost, once at its gain.
        long begin = System.nanoTime();
        try {
            return work.call();
        } finally {
            signal("CONT");
            haltedNanos += System.nanoTime() - begin;
        }
    }

    /** What is measured while all else stands still. */
    interface Work<T> {
        T call() throws IOException;
    }

    /** Its report, when it is done. */
    JsonNode report() throws IOException, InterruptedException {
        if (process.waitFor() != 0) {
            throw failed("with " + process.exitValue());
        }
        JsonNode report = JSON.readTree(folder.resolve("report.json").toFile());
        succeeded = true;
        return report;
    }

    /** Seconds for which it was halted. */
    double haltedSeconds() {
        return haltedNanos / 1e9;
    }

    private void signal(String name) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .forEach(handle -> command.add(Long.toString(handle.pid())));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " did not work");
        }
    }

    private IOException failed(String how) {
        return new IOException("./millrace up ended " + how + "; its output is in " + folder.resolve("output.txt"));
    }

    private void end() {
        process.destroy();
        try {
            signal("CONT");
        } catch (IOException e) {
            // It is gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            end();
        }
        Runtime.getRuntime().removeShutdownHook(wake);
        if (succeeded) {
            deleteFolder();
        }
    }

    /** The log of a run, its checkpoints and the data: hundreds of megabytes. After a failure they tell what happened. */
    private void deleteFolder() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            System.err.println("left in place: " + folder + " (" + e + ")");
        }
    }
}
