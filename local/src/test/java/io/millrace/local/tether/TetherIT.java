// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tether;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.local.process.Child;
import io.millrace.local.process.ChildListener;
import io.millrace.local.process.ChildSpec;
import io.millrace.local.process.LogFile;
import io.millrace.local.process.RestartPolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three generations of real processes: this test, a parent that it kills, and the parent's tethered child. */
class TetherIT {
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Path AGENT =
            Path.of(System.getProperty("millrace.root"), "local", "target", "millrace-tether.jar");

    @TempDir
    private Path directory;

    /** Starts a tethered child, prints its pid and waits to be killed. */
    static final class Parent {
        public static void main(String[] arguments) throws Exception {
            List<String> command = List.of(
                    JAVA.toString(),
                    "-javaagent:" + AGENT,
                    "-cp",
                    System.getProperty("java.class.path"),
                    Sleeper.class.getName());
            LogFile log = new LogFile(Path.of(arguments[0]));
            new Child(new ChildSpec("sleeper", command, log, false), RestartPolicy.DEFAULT, new PidPrinter()).start();
            Thread.currentThread().join();
        }
    }

    /** Does nothing, for ever, and takes its time to end. */
    static final class Sleeper {
        public static void main(String[] arguments) throws InterruptedException {
            if (arguments.length > 0) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    while (true) {
                        Thread.onSpinWait();
                    }
                }));
            }
            Thread.currentThread().join();
        }
    }

    private record PidPrinter() implements ChildListener {
        @Override
        public void started(String name, long pid) {
            System.out.println(pid);
        }

        @Override
        public void crashed(String name, int exitCode, Duration restartIn, String lastWords) {
            System.out.println("crashed " + exitCode);
        }

        @Override
        public void gaveUp(String name, String reason) {
            System.out.println("gave up " + reason);
        }
    }

    private static Process java(String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                JAVA.toString(), "-javaagent:" + AGENT, "-Dmillrace.root=" + System.getProperty("millrace.root"));
        builder.command().addAll(List.of("-cp", System.getProperty("java.class.path")));
        builder.command().addAll(List.of(arguments));
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    @Test
    void aChildDoesNotSurviveItsKilledParent() throws IOException {
        Process parent = java(Parent.class.getName(), directory.resolve("log").toString());
        BufferedReader out = parent.inputReader();
        ProcessHandle child = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();

        parent.destroyForcibly();

        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(child.isAlive()).isFalse());
    }

    @Test
    void aChildWhoseShutdownHangsEndsAllTheSame() throws IOException, InterruptedException {
        Process child = java(Sleeper.class.getName(), "hang");

        child.getOutputStream().close();

        assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(child.exitValue()).isEqualTo(Tether.EXIT_CODE);
    }

    @Test
    void aChildLivesAsLongAsItsParent() throws IOException, InterruptedException {
        Process child = java(Sleeper.class.getName());

        assertThat(child.waitFor(2, TimeUnit.SECONDS)).isFalse();

        child.destroy();
        assertThat(child.waitFor()).isEqualTo(143);
    }
}
