// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That no command of {@code benchmarks/} is forgotten where all are run, which takes too long for every build. */
class CommandsTest {
    private static final Path BENCHMARKS = Path.of(System.getProperty("millrace.root"), "benchmarks");
    /** Not a command: what the commands share. */
    private static final Path SHARED = Path.of("run");

    @Test
    void eachIsRunInAFreshClone() throws IOException {
        try (Stream<Path> files =
                Files.find(BENCHMARKS, 2, (file, about) -> about.isRegularFile() && Files.isExecutable(file))) {
            assertThat(files.map(BENCHMARKS::relativize)
                            .filter(file -> !file.startsWith("target") && !file.equals(SHARED))
                            .map(Path::toString))
                    .containsExactlyInAnyOrderElementsOf(FreshCloneIT.COMMANDS.keySet());
        }
    }
}
