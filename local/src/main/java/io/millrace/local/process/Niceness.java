// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Who goes first where processors are few. */
final class Niceness {
    /** As {@code nice} adds it by default: about a tenth of an equal share. */
    private static final String STEP = "10";

    private Niceness() {}

    /**
     * Lets a running process go behind all others. What it starts later goes behind, too. Where the system has no {@code
     * renice}, everybody stays equal: slower, not wrong.
     */
    static void raise(long pid) {
        List<String> command = new ArrayList<>(List.of("renice", "-n", STEP, "-p"));
        command.addAll(threads(pid));
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            // There is no such program.
        }
    }

    /** On Linux each thread has a niceness of its own, which its threads begin with; elsewhere the process has one. */
    private static List<String> threads(long pid) {
        Path tasks = Path.of("/proc", Long.toString(pid), "task");
        try (Stream<Path> each = Files.list(tasks)) {
            return each.map(task -> task.getFileName().toString()).toList();
        } catch (IOException e) {
            return List.of(Long.toString(pid));
        }
    }
}
