// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirTest {
    @TempDir
    private Path directory;

    @Test
    void aDirectoryIsMadeAndKept() throws IOException {
        Path path = directory.resolve("new/work");
        try (WorkDir workDir = WorkDir.open(path)) {
            Files.writeString(workDir.checkpoints().resolve("model"), "kept");
        }
        try (WorkDir workDir = WorkDir.open(path)) {
            assertThat(workDir.checkpoints().resolve("model")).hasContent("kept");
        }
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
