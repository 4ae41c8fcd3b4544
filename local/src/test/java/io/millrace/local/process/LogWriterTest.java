// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogWriterTest {
    private static final int LIMIT = 1_000;

    @TempDir
    private Path directory;

    private LogFile log;

    @BeforeEach
    void log() {
        log = new LogFile(directory.resolve("kafka.log"));
    }

    private static List<String> lines(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "line " + i + " " + "x".repeat(i % 90))
                .toList();
    }

    @Test
    void aLogIsBoundedInFilesAndBytesAndEachFileBeginsWithAWholeLine() throws IOException {
        Random random = new Random(1);
        byte[] text = (String.join("\n", lines(400)) + "\n").getBytes(UTF_8);
        try (LogWriter writer = new LogWriter(log, LIMIT)) {
            for (int from = 0, piece; from < text.length; from += piece) {
                piece = Math.min(text.length - from, 1 + random.nextInt(2_500));
                writer.write(text, from, piece);
            }
        }

        assertThat(log.files()).hasSize(4);
        for (Path file : log.files()) {
            assertThat(Files.size(file)).isLessThan(LIMIT + 100);
            assertThat(Files.readString(file)).startsWith("line ").endsWith("\n");
        }
    }

    @Test
    void noLineIsLostToAReaderThatFollowsAcrossFilesThatAreSetAside() throws Exception {
        List<String> lines = lines(20_000);
        List<String> read = new ArrayList<>();
        Thread writing = new Thread(() -> {
            try (LogWriter writer = new LogWriter(log, 200 * LIMIT)) {
                for (String line : lines) {
                    writer.write((line + "\n").getBytes(UTF_8));
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        try (LogReader reader = new LogReader(log)) {
            writing.start();
            while (writing.isAlive()) {
                reader.next().ifPresent(read::add);
            }
            writing.join();
            for (var line = reader.next(); line.isPresent(); line = reader.next()) {
                read.add(line.get());
            }
        }

        assertThat(log.files()).as("set aside").hasSizeGreaterThan(2);
        assertThat(read).isEqualTo(lines);
    }

    @Test
    void aLineWithoutEndIsCutBeforeItFillsTheDisk() throws IOException {
        try (LogWriter writer = new LogWriter(log, LIMIT)) {
            for (int i = 0; i < 50; i++) {
                writer.write("y".repeat(333).getBytes(UTF_8));
            }
        }

        assertThat(log.files()).hasSize(4).allSatisfy(file -> assertThat(Files.size(file))
                .isLessThanOrEqualTo(2 * LIMIT));
    }

    @Test
    void whatWasThereIsGoneOnWith() throws IOException {
        Files.writeString(log.path(), "before\n");
        try (LogWriter writer = new LogWriter(log, LIMIT)) {
            writer.write("after\n".getBytes(UTF_8));
        }

        assertThat(log.path()).hasContent("before\nafter");
    }

    @Test
    void whatIsNotFinishedIsNoLineYet() throws IOException {
        try (LogReader reader = new LogReader(log)) {
            assertThat(reader.next()).as("nothing is there").isEmpty();
            Files.writeString(log.path(), "one\r\ntw");

            assertThat(reader.next()).contains("one");
            assertThat(reader.next()).isEmpty();

            Files.writeString(log.path(), "one\r\ntwo\n");
            assertThat(reader.next()).contains("two");
            assertThat(reader.rest()).isEmpty();
        }
    }
}
