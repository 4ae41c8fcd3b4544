// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchLogTest {
    @TempDir
    private Path folder;

    private String content() throws IOException {
        return Files.readString(folder.resolve(BatchLog.NAME));
    }

    @Test
    void growsByWhatIsConfirmed() throws IOException {
        BatchLog log = BatchLog.resume(folder, 0);
        log.write("1 0 0 5\n");
        log.confirm();
        log.write("2 0 1 6\n");
        log.confirm();

        assertThat(content()).isEqualTo("1 0 0 5\n2 0 1 6\n");
    }

    @Test
    void overwritesWhatWasNotConfirmed() throws IOException {
        BatchLog log = BatchLog.resume(folder, 0);
        log.write("1 0 0 5\n2 0 1 6\n");
        log.write("1 0 0 5\n");
        log.confirm();

        assertThat(content()).isEqualTo("1 0 0 5\n");
    }

    @Test
    void isCutBackToTheStepThatARunResumesFrom() throws IOException {
        Files.writeString(folder.resolve(BatchLog.NAME), "1 0 0 5\n2 0 1 6\n3 0 2 7\n4 0 3");
        BatchLog log = BatchLog.resume(folder, 2);
        log.write("3 0 2 7\n");

        assertThat(content()).isEqualTo("1 0 0 5\n2 0 1 6\n3 0 2 7\n");
    }

    @Test
    void isCutBackToWhatCanBeRead() throws IOException {
        Path file = folder.resolve(BatchLog.NAME);
        Files.write(file, "1 0 0 5\n2 0 1 \u00e4\n3 0 2 7\n".getBytes(ISO_8859_1));
        BatchLog.resume(folder, 3).write("4 0 3 8\n");

        assertThat(content()).isEqualTo("1 0 0 5\n4 0 3 8\n");
    }

    @Test
    void startsAnewForARunWithoutCheckpoint() throws IOException {
        Files.writeString(folder.resolve(BatchLog.NAME), "1 0 0 5\n");
        BatchLog.resume(folder, 0).write("1 0 0 9\n");

        assertThat(content()).isEqualTo("1 0 0 9\n");
    }
}
