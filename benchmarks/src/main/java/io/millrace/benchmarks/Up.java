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
 * {@code ./millrace up} in a folder of its own: the command with all its processes, started again as often
 * as is wanted. Not thread-safe.
 */
final class Up implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration GLANCE = Duration.ofMillis(100);

    private final Path folder;
    private final List<String> command;
    private final URI trainer;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();
    private final Thread wake = new Thread(this::end);
    private Process process;
    private boolean disposable;

    /**
     * Starts it.
     *
     * @param millrace the command
     * @param port the first of its ports
     * @param options of {@code up}; work directory, port and report are added
     */
    Up(Path millrace, int port, List<String> options) throws IOException {
        this(millrace, port, List.of("--exit-when-done"), options);
    }

    /** One that serves what it has trained until it is closed. */
    static Up staying(Path millrace, int port, List<String> options) throws IOException {
        return new Up(millrace, port, List.of(), options);
    }

    private Up(Path millrace, int port, List<String> end, List<String> options) throws IOException {
        folder = Files.createTempDirectory("millrace-benchmark");
        trainer = URI.create("http://127.0.0.1:" + (port + 2) + "/run");
        command = new ArrayList<>(List.of(
                millrace.toString(),
                "up",
                "--work-dir",
                workDir().toString(),
                "--port",
                Integer.toString(port),
                "--report",
                folder.resolve("report.json").toString(),
                // What is measured is not how good the model is: the smallest runs may serve a bad one.
                "--set",
                "millrace.evaluator.floor=0"));
        command.addAll(end);
        command.addAll(options);
        start();
        // What stands still cannot see that its parent is gone.
        Runtime.getRuntime().addShutdownHook(wake);
    }

    /** Starts it, or, when it has ended, again: it then goes on with its run. */
    void start() throws IOException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()))
                .start();
    }

    /** The latest process of the command itself. */
    Process process() {
        return process;
    }

    Path workDir() {
        return folder.resolve("work");
    }

    /** What it prints. */
    Path output() {
        return folder.resolve("output.txt");
    }

    /** Steps of a run. */
    record Steps(long done, long all) {
        static final Steps UNKNOWN = new Steps(0, 0);

        long left() {
            return all - done;
        }
    }

    /** How far the training is; unknown before there is one, and while the trainer does not answer. */
    Steps steps() throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(trainer).timeout(ANSWER).build();
            JsonNode run = JSON.readTree(
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body());
            return new Steps(run.path("step").asLong(), run.path("steps").asLong());
        } catch (IOException e) {
            return Steps.UNKNOWN;
        }
    }

    /** Something that is waited for. */
    @FunctionalInterface
    interface Sight {
        boolean seen() throws IOException, InterruptedException;
    }

    /** Waits until something can be seen while it runs. */
    void await(Sight sight) throws IOException, InterruptedException {
        while (!sight.seen()) {
            if (process.waitFor(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failed("with " + process.exitValue());
            }
        }
    }

    boolean hasPrinted(String text) throws IOException {
        return Files.readString(output()).contains(text);
    }

    /** Its report, when it is done. */
    JsonNode report() throws IOException, InterruptedException {
        if (process.waitFor() != 0) {
            throw failed("with " + process.exitValue());
        }
        return JSON.readTree(folder.resolve("report.json").toFile());
    }

    /** Nothing will be asked of its folder any more. */
    void dispose() {
        disposable = true;
    }

    IOException failed(String how) {
        return new IOException("./millrace up ended " + how + "; its output is in " + output());
    }

    /** Sends a signal to the command and all its processes. */
    void signalAll(String name) throws IOException, InterruptedException {
        List<String> kill = new ArrayList<>(List.of("kill", "-" + name));
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .forEach(handle -> kill.add(Long.toString(handle.pid())));
        if (new ProcessBuilder(kill).inheritIO().start().waitFor() != 0) {
            throw new IOException(String.join(" ", kill) + " did not work");
        }
    }

    private void end() {
        process.destroy();
        try {
            signalAll("CONT");
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
        if (disposable) {
            awaitEnd();
            deleteFolder();
        }
    }

    /** Its services write to their last moment. */
    private void awaitEnd() {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
