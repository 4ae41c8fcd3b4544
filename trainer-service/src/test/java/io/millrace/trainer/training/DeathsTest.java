// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeathsTest {
    private static final Exception OUT_OF_MEMORY = new IllegalStateException("CUDA out\nof memory");

    @TempDir
    private Path folder;

    @Test
    void givesARunUpThatDiesAtTheSameStepAgainAndAgain() throws IOException {
        Deaths.note(folder, 7, OUT_OF_MEMORY);
        Deaths.note(folder, 7, OUT_OF_MEMORY);
        assertThat(Deaths.tooMany(folder)).isEmpty();
        Deaths.note(folder, 7, OUT_OF_MEMORY);

        assertThat(Deaths.tooMany(folder))
                .contains("training died 3 times in a row at step 7: java.lang.IllegalStateException: CUDA out of"
                        + " memory");
    }

    @Test
    void doesNotGiveUpARunThatGetsOn() throws IOException {
        Deaths.note(folder, 7, OUT_OF_MEMORY);
        Deaths.note(folder, 7, OUT_OF_MEMORY);
        Deaths.note(folder, 9, OUT_OF_MEMORY);
        Deaths.note(folder, 9, OUT_OF_MEMORY);

        assertThat(Deaths.tooMany(folder)).isEmpty();
    }

    @Test
    void knowsNoDeathOfARunThatIsNew() throws IOException {
        assertThat(Deaths.tooMany(folder.resolve("new"))).isEmpty();
    }

    @Test
    void canBeDeniedItsNote() throws IOException {
        Path file = Files.createFile(folder.resolve("a-file"));

        assertThatCode(() -> Deaths.note(file, 7, OUT_OF_MEMORY)).doesNotThrowAnyException();
    }
}
