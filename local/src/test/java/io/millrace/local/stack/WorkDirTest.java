// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirTest {
    @TempDir
    private Path directory;

    @Test
    void aDirectoryIsMadeAndKept() throws IOException {
        Path path = directory.resolve("new/work");
        try (WorkDir workDir = WorkDir.open(path)) {
            assertThat(workDir.checkpoints()).isEqualTo("file:" + path.resolve("checkpoints"));
            Files.writeString(path.resolve("checkpoints/model"), "kept");
        }
        try (WorkDir workDir = WorkDir.open(path)) {
            assertThat(workDir.path().resolve("checkpoints/model")).hasContent("kept");
        }
    }

    @Test
    void whatAnEarlierVersionWroteIsRecognisedAndLeftAsItIs() throws IOException {
        Path log = Files.createDirectories(directory.resolve("logs-only/kafka/data/millrace.batches.v1-0"));
        Path checkpoint = Files.createDirectories(directory.resolve("store-only/checkpoints/quick-1"))
                .resolve("step-468.safetensors");
        Files.writeString(checkpoint, "weights");

        for (String workDir : List.of("logs-only", "store-only")) {
            assertThatThrownBy(() -> WorkDir.open(directory.resolve(workDir)))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining(directory.resolve(workDir).toString())
                    .hasMessageContaining("an earlier version")
                    .hasMessageContaining("--work-dir")
                    .hasMessageContaining("move this one away");
        }

        assertThat(log).isEmptyDirectory();
        assertThat(checkpoint).hasContent("weights");
        assertThat(directory.resolve("logs-only")).isDirectoryNotContaining("glob:**layout");
        assertThat(directory.resolve("store-only/kafka")).doesNotExist();
    }

    @Test
    void whatANewerVersionWroteIsRecognisedAndLeftAsItIs() throws IOException {
        Files.writeString(directory.resolve("layout"), "3\n");

        assertThatThrownBy(() -> WorkDir.open(directory))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("another version")
                .hasMessageContaining("\"3\"")
                .hasMessageContaining("--work-dir");

        assertThat(directory.resolve("layout")).hasContent("3\n");
        assertThat(directory.resolve("kafka")).doesNotExist();
    }

    @Test
    void aDirectoryThatWasRefusedIsLockedNoLonger() throws IOException {
        Path mark = Files.writeString(directory.resolve("layout"), "3\n");
        assertThatThrownBy(() -> WorkDir.open(directory)).isInstanceOf(Refusal.class);

        Files.delete(mark);

        WorkDir.open(directory).close();
    }

    @Test
    void oneStackAtATime() throws IOException {
        try (WorkDir first = WorkDir.open(directory)) {
            assertThat(first.path()).isEqualTo(directory);
            assertThatThrownBy(() -> WorkDir.open(directory))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("in use by another")
                    .hasMessageContaining("--work-dir");
        }
    }

    @Test
    void aPathThatKafkaWouldTakeForTwoIsRefusedWithTheRemedy() {
        assertThatThrownBy(() -> WorkDir.open(directory.resolve("a,b")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("a,b")
                .hasMessageContaining("comma")
                .hasMessageContaining("--work-dir");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aDirectoryThatCannotBeWrittenToIsRefusedWithTheRemedy() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        assertThatThrownBy(() -> WorkDir.open(file))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("cannot be written to")
                .hasMessageContaining("--work-dir");
    }
}
