// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.local.Millrace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LogsCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int logs(String... arguments) {
        List<String> all = new ArrayList<>(List.of("logs", "--work-dir", directory.toString()));
        all.addAll(List.of(arguments));
        CommandLine command = Millrace.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(all.toArray(String[]::new));
    }

    private void log(String name, String text) throws IOException {
        Files.createDirectories(directory.resolve("logs"));
        Files.writeString(
                directory.resolve("logs").resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void someLogs() throws IOException {
        log("kafka.log", """
                2026-01-01 10:00:01,500 INFO the broker starts
                2026-01-01 10:00:03,000 WARN something
                java.lang.RuntimeException: no
                \tat a.B.c(B.java:1)
                """);
        log("trainer-service.log.1", "2026-01-01 09:00:00.000 INFO the day before\n");
        log("trainer-service.log", """
                2026-01-01 10:00:02.000 INFO the trainer starts
                2026-01-01 10:00:03.000 INFO it trains
                """);
    }

    @Test
    void allLogsArePrintedByTimeWithTheirNamesAndStackTracesWhole() throws IOException {
        someLogs();

        assertThat(logs()).as(err.toString()).isZero();

        assertThat(out.toString().lines())
                .containsExactly(
                        "trainer-service   | 2026-01-01 09:00:00.000 INFO the day before",
                        "kafka             | 2026-01-01 10:00:01,500 INFO the broker starts",
                        "trainer-service   | 2026-01-01 10:00:02.000 INFO the trainer starts",
                        "trainer-service   | 2026-01-01 10:00:03.000 INFO it trains",
                        "kafka             | 2026-01-01 10:00:03,000 WARN something",
                        "kafka             | java.lang.RuntimeException: no",
                        "kafka             | \tat a.B.c(B.java:1)");
    }

    @Test
    void oneLogIsPrintedAsItIsFromItsOldestFileOnOrItsLastLinesAlone() throws IOException {
        someLogs();
        log("trainer-service.log", "no end");

        assertThat(logs("trainer")).isZero();
        assertThat(out.toString().lines())
                .hasSize(4)
                .startsWith("2026-01-01 09:00:00.000 INFO the day before")
                .endsWith("no end");
        assertThat(logs("trainer-service", "-n", "1")).isZero();
        assertThat(out.toString().lines().skip(4)).containsExactly("2026-01-01 10:00:03.000 INFO it trains", "no end");
    }

    @Test
    void followingGoesOnAcrossAFileThatIsSetAside() throws Exception {
        log("kafka.log", "one\n");
        Thread following = new Thread(() -> logs("kafka", "--follow"));
        following.start();
        try {
            await().until(() -> out.toString().contains("one"));
            log("kafka.log", "two\n");
            Files.move(directory.resolve("logs/kafka.log"), directory.resolve("logs/kafka.log.1"));
            log("kafka.log", "three\n");

            await().untilAsserted(() -> assertThat(out.toString().lines()).containsExactly("one", "two", "three"));
        } finally {
            following.interrupt();
            following.join();
        }
    }

    @Test
    void aServiceThatDoesNotExistIsAnsweredWithThoseThatDo() throws IOException {
        someLogs();

        assertThat(logs("train")).isEqualTo(2);

        assertThat(err.toString())
                .contains("no service \"train\"")
                .contains("dataset-service, trainer-service, evaluator-service, inference-service, kafka, or millrace");
    }

    @Test
    void aDirectoryInWhichNothingWasStartedIsRefused() throws IOException {
        assertThat(logs()).isEqualTo(1);
        assertThat(err.toString()).contains("no work directory " + directory).contains("--work-dir DIR");

        Files.createDirectories(directory.resolve("logs"));
        assertThat(logs("inference")).isEqualTo(1);
        assertThat(err.toString()).contains("no log of inference-service in " + directory);
    }

    @Test
    void linesAreCountedFromZero() throws IOException {
        someLogs();

        assertThat(logs("-n", "-1")).isEqualTo(2);
        assertThat(err.toString()).contains("--lines -1 will not do");
    }
}
