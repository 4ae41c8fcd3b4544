// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.local.Millrace;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.TrainerRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A {@code millrace up} as a user starts it: a process of its own, which starts others. */
final class Up implements AutoCloseable {
    static final Path ROOT = Path.of(System.getProperty("millrace.root"));

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path output;
    private final Process process;
    private final Ports ports;

    private Up(Path output, Process process, Ports ports) {
        this.output = output;
        this.process = process;
        this.ports = ports;
    }

    /** Starts it in a directory, on ports of its own. */
    static Up start(Path directory, String... arguments) throws IOException {
        return start(directory, FreePorts.find(), arguments);
    }

    static Up start(Path directory, Ports ports, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("up", "--port", Integer.toString(ports.base())));
        // After so few steps, whether a network is better than always giving one answer is a matter of luck.
        all.addAll(List.of("--set", "millrace.evaluator.floor=0"));
        all.addAll(List.of(arguments));
        Path output = Files.createTempFile(directory, "up-", ".txt");
        return new Up(output, millrace(directory, output, all), ports);
    }

    /** Serves what was promoted in a directory, or a file. */
    static Up serve(Path directory, String... arguments) throws IOException {
        Ports ports = FreePorts.find();
        List<String> all = new ArrayList<>(List.of("serve", "--port", Integer.toString(ports.base())));
        all.addAll(List.of(arguments));
        Path output = Files.createTempFile(directory, "serve-", ".txt");
        return new Up(output, millrace(directory, output, all), ports);
    }

    /** Runs another command against this stack; returns what it printed. */
    String run(Path directory, String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--port", Integer.toString(ports.base())));
        return command(directory, all.toArray(String[]::new));
    }

    /** Runs a command that needs no stack; returns what it printed. */
    static String command(Path directory, String... arguments) throws IOException, InterruptedException {
        Path printed = Files.createTempFile(directory, "run-", ".txt");
        Process command = millrace(directory, printed, List.of(arguments));
        int code = command.waitFor();
        return Files.readString(printed) + "exit code " + code;
    }

    private static Process millrace(Path directory, Path output, List<String> arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dmillrace.home=" + ROOT,
                "-cp",
                ROOT.resolve("local/target/millrace.jar").toString(),
                Millrace.class.getName());
        builder.command().addAll(arguments);
        return builder.directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** Whether a program is on the path. */
    static boolean has(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    Ports ports() {
        return ports;
    }

    Endpoints endpoints() {
        return new Endpoints(ports, AccessToken.NONE);
    }

    String output() throws IOException {
        return Files.readString(output, UTF_8);
    }

    /** Waits until it has printed something. */
    void awaitOutput(String text) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            assertThat(process.isAlive()).as(output()).isTrue();
            assertThat(output()).contains(text);
        });
    }

    /** Waits until so many steps of a run that goes on are trained. */
    void awaitStep(long step) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).untilAsserted(() -> {
            long reached = endpoints()
                    .training(Part.TRAINER)
                    .filter(TrainerRun::running)
                    .map(TrainerRun::step)
                    .orElse(0L);
            assertThat(reached).as(output()).isGreaterThanOrEqualTo(step);
        });
    }

    /** Waits until a run stands so. */
    void awaitRun(String runId, Predicate<OrderedRun> stands) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            OrderedRun run = endpoints().run(runId).orElseThrow(() -> new AssertionError("no answer"));
            assertThat(stands.test(run)).as("%s\n%s", run, output()).isTrue();
        });
    }

    /** Waits for the end of the process; returns its exit code. */
    int exitCode() throws InterruptedException, IOException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as(output())
                .isTrue();
        return process.exitValue();
    }

    /** The processes of a part so far, in the order of their starts. */
    List<Long> pids(Part part) throws IOException {
        return Pattern.compile(part.label() + " +starting: pid (\\d+)")
                .matcher(output())
                .results()
                .map((MatchResult result) -> Long.parseLong(result.group(1)))
                .toList();
    }

    /** The latest process of each part. */
    List<ProcessHandle> children() throws IOException {
        List<ProcessHandle> children = new ArrayList<>();
        for (Part part : Part.ALL) {
            List<Long> pids = pids(part);
            Stream.of(pids)
                    .filter(started -> !started.isEmpty())
                    .flatMap(started -> ProcessHandle.of(started.get(started.size() - 1)).stream())
                    .forEach(children::add);
        }
        return children;
    }

    /** SIGKILL to the latest process of a part; waits until it has been started again. */
    void kill(Part part) throws IOException {
        int starts = pids(part).size();
        ProcessHandle.of(pids(part).get(starts - 1)).orElseThrow().destroyForcibly();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(pids(part)).as(output()).hasSize(starts + 1));
    }

    /** SIGKILL to the process itself. */
    void kill() {
        process.destroyForcibly();
    }

    /** What Ctrl-C does: SIGINT. */
    void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    /** Ends it in order, if a test has not. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
