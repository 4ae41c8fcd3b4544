// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.wrapper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A source tree with nothing in it but the script, empty sources, and stand-ins for the programs that the script calls. */
final class Wrapper {
    private static final List<String> TOOLS = List.of(
            "bash",
            "env",
            "cat",
            "dirname",
            "find",
            "flock",
            "grep",
            "head",
            "mkdir",
            "mv",
            "readlink",
            "sed",
            "sleep",
            "tail",
            "touch");
    private static final List<String> MODULES = List.of(
            "contracts",
            "http",
            "kafka",
            "model",
            "store",
            "local",
            "dataset-service",
            "trainer-service",
            "evaluator-service",
            "inference-service");
    private static final List<String> RESULTS =
            List.of("target/quarkus-app/quarkus-run.jar", "target/millrace.jar", "target/millrace-tether.jar");

    private final Path root;
    private final Path bin;
    private final Map<String, String> environment = new TreeMap<>();

    /** What came of a call. */
    record Result(int code, String output) {}

    Wrapper(Path root) throws IOException {
        this.root = root;
        this.bin = Files.createDirectory(root.resolve("bin"));
        Files.copy(Path.of(System.getProperty("millrace.root"), "millrace"), root.resolve("millrace"));
        executable(root.resolve("millrace"));
        for (String module : MODULES) {
            Files.createDirectories(root.resolve(module).resolve("src/main"));
            write(root.resolve(module).resolve("pom.xml"), "");
        }
        write(root.resolve("pom.xml"), "");
        for (String tool : TOOLS) {
            tool(tool);
        }
        machine("Linux x86_64");
        maven("");
        Instant longAgo = Instant.now().minusSeconds(3600);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, FileTime.from(longAgo));
            }
        }
        environment.put("PATH", bin.toString());
    }

    private void tool(String tool) throws IOException {
        for (String folder : System.getenv("PATH").split(":")) {
            Path program = Path.of(folder, tool);
            if (Files.isExecutable(program)) {
                write(bin.resolve(tool), "#!/bin/sh\nexec " + program + " \"$@\"\n");
                executable(bin.resolve(tool));
                return;
            }
        }
    }

    Path root() {
        return root;
    }

    boolean hasFlock() {
        return Files.exists(bin.resolve("flock"));
    }

    /** What {@code uname} says. */
    void machine(String name) throws IOException {
        script(bin.resolve("uname"), "echo '" + name + "'");
    }

    /**
     * Puts a Java there. It writes down its arguments; asked for its properties it prints them; asked whether it would
     * start it says yes; as the program it returns at once, or when it is ended, where HOLD names a file.
     */
    void java(String version, boolean compiler) throws IOException {
        Path home = Files.createDirectories(root.resolve("jdk/bin")).getParent();
        script(home.resolve("bin/java"), """
                if [ "$1" = -XshowSettings:properties ]; then
                  echo '    java.specification.version = %s' >&2
                  echo '    java.home = %s' >&2
                  exit
                fi
                echo "$@" >>'%s/java.log'
                answer=$(cat '%s/answer' 2>/dev/null || echo 100)
                case $* in *rehearsal*) exit "$answer" ;; esac
                if [ -n "${HOLD:-}" ]; then touch "$HOLD"; exec sleep 600; fi
                """.formatted(version, home, root, root));
        Files.deleteIfExists(home.resolve("bin/javac"));
        if (compiler) {
            script(home.resolve("bin/javac"), "");
        }
        environment.put("JAVA_HOME", home.toString());
    }

    void noJava() {
        environment.remove("JAVA_HOME");
    }

    /** What the program answers when it is asked whether it would start. */
    void programAnswers(int code) throws IOException {
        write(root.resolve("answer"), Integer.toString(code));
    }

    void mavenFails(String message) throws IOException {
        maven("echo '" + message + "'; exit 1");
    }

    /** A Maven that writes down its arguments and makes what the modules it is to build would give. */
    private void maven(String first) throws IOException {
        script(root.resolve("mvnw"), """
                echo "$@" >>'%s/maven.log'
                %s
                while [ "$1" != -pl ]; do shift; done
                for module in ${2//,/ }; do
                  for result in %s; do
                    mkdir -p "%s/$module/${result%%/*}"
                    touch "%s/$module/$result"
                  done
                done
                """.formatted(root, first, String.join(" ", RESULTS), root, root));
    }

    /** Everything is there, newer than its sources, as after {@code ./mvnw package}. */
    void built() throws IOException {
        for (String module : MODULES) {
            for (String result : RESULTS) {
                Path file = root.resolve(module).resolve(result);
                Files.createDirectories(file.getParent());
                write(file, "");
            }
        }
    }

    void sourceChanges(String module) throws IOException {
        Path source = root.resolve(module).resolve("src/main/Changed.java");
        write(source, "");
        // Newer also where the clock of the file system is coarse.
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusMillis(50)));
    }

    /** Sets a variable for all calls from now on. */
    Wrapper with(String assignment) {
        String[] parts = assignment.split("=", 2);
        environment.put(parts[0], parts[1]);
        return this;
    }

    List<String> mavenCalls() throws IOException {
        return lines("maven.log");
    }

    List<String> javaCalls() throws IOException {
        return lines("java.log");
    }

    private List<String> lines(String name) throws IOException {
        Path file = root.resolve(name);
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        return result(process(environment, root, command(arguments)));
    }

    /** Starts it with one more variable, and does not wait for its end. */
    Process start(String assignment, String... arguments) throws IOException {
        Map<String, String> more = new TreeMap<>(environment);
        String[] parts = assignment.split("=", 2);
        more.put(parts[0], parts[1]);
        return process(more, root, command(arguments));
    }

    /** The real script with a real Java. */
    static Result run(Path directory, Path javaHome, String... command) throws IOException, InterruptedException {
        Map<String, String> environment = new TreeMap<>(System.getenv());
        environment.put("JAVA_HOME", javaHome.toString());
        return result(process(environment, directory, List.of(command)));
    }

    static void await(Path sign) {
        Awaitility.await().untilAsserted(() -> assertThat(sign).exists());
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(root.resolve("millrace").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Process process(Map<String, String> environment, Path directory, List<String> command)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Result result(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), output);
    }

    private static void script(Path file, String text) throws IOException {
        write(file, "#!/usr/bin/env bash\n" + text + "\n");
        executable(file);
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }
}
