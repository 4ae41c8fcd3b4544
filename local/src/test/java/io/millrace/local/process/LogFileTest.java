// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    @TempDir
    private Path directory;

    @Test
    void rotationKeepsTheThreeNewestOfEarlierLogs() throws IOException {
        Path path = directory.resolve("trainer-service.log");
        LogFile log = new LogFile(path);
        for (int start = 1; start <= 5; start++) {
            log.rotate();
            Files.writeString(path, "start " + start);
        }

        assertThat(path).hasContent("start 5");
        assertThat(directory.resolve("trainer-service.log.1")).hasContent("start 4");
        assertThat(directory.resolve("trainer-service.log.2")).hasContent("start 3");
        assertThat(directory.resolve("trainer-service.log.3")).hasContent("start 2");
        assertThat(directory.resolve("trainer-service.log.4")).doesNotExist();
    }

    @Test
    void theTailIsTheLastLinesEvenOfALongLog() throws IOException {
        Path path = directory.resolve("kafka.log");
        StringBuilder text = new StringBuilder();
        for (int line = 0; line < 20_000; line++) {
            text.append("line ").append(line).append('\n');
        }
        Files.writeString(path, text);

        assertThat(new LogFile(path).tail(2)).containsExactly("line 19998", "line 19999");
    }

    @Test
    void stackTracesAreShownByTheirCauses() throws IOException {
        Path path = directory.resolve("trainer-service.log");
        Files.writeString(path, """
                ERROR start failed
                java.lang.RuntimeException: no
                \tat a.B.c(B.java:1)
                \t... 9 more
                Caused by: java.io.IOException: disk full
                \tat a.B.d(B.java:2)
                """);

        assertThat(new LogFile(path).tail(3))
                .containsExactly(
                        "ERROR start failed",
                        "java.lang.RuntimeException: no",
                        "Caused by: java.io.IOException: disk full");
    }

    @Test
    void aLogThatIsNotThereHasNoTail() throws IOException {
        assertThat(new LogFile(directory.resolve("none.log")).tail(2)).isEmpty();
    }
}
