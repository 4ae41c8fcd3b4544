// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellTest {
    @ParameterizedTest
    @ValueSource(strings = {"/plain/sample.png", "/it's here/a b", "/$HOME/`id`/*", "/\"quoted\"/back\\slash", "/ü"})
    void aShellReadsThePathAsItIs(String path) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", "printf %s " + Shell.path(Path.of(path))).start();

        assertThat(new String(shell.getInputStream().readAllBytes(), UTF_8)).isEqualTo(path);
        assertThat(shell.waitFor()).isZero();
    }

    @Test
    void aPathHoldsInEveryTerminal() {
        assertThat(Shell.path(Path.of("sample.png")))
                .isEqualTo(Path.of("sample.png").toAbsolutePath().toString());
    }
}
