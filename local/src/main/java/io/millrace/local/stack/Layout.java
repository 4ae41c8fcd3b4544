// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How the files of a work directory are laid out, as a number in its file {@code layout}. Logs of batches and names of
 * checkpoints belong to it. What was written in another layout is neither read nor changed.
 */
final class Layout {
    /** 1, which left no mark, had one log of batches for all runs and checkpoints without a digest in their names. */
    static final int VERSION = 2;

    private static final String MARK = "layout";

    private Layout() {}

    /**
     * Makes sure that a directory is of this layout, or has nothing in it yet.
     *
     * @throws Refusal when it is of another one
     */
    static void check(Path workDir) throws IOException {
        Optional<String> mark = mark(workDir);
        if (mark.isEmpty() && (holds(workDir.resolve("kafka/data")) || holds(workDir.resolve("checkpoints")))) {
            throw refusal(
                    workDir, "was written by an earlier version, whose logs and checkpoints this one cannot read");
        }
        if (mark.isPresent() && !mark.get().equals(Integer.toString(VERSION))) {
            throw refusal(
                    workDir,
                    "is of another version: its file " + MARK + " says \"" + mark.get() + "\", and this version reads "
                            + VERSION);
        }
    }

    /** Says that a directory is of this layout. */
    static void write(Path workDir) throws IOException {
        Files.writeString(workDir.resolve(MARK), VERSION + "\n", UTF_8);
    }

    private static Optional<String> mark(Path workDir) throws IOException {
        Path file = workDir.resolve(MARK);
        return Files.exists(file) ? Optional.of(Files.readString(file, UTF_8).strip()) : Optional.empty();
    }

    private static boolean holds(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isPresent();
        }
    }

    private static Refusal refusal(Path workDir, String why) {
        return new Refusal("the work directory " + workDir + " " + why + ". Nothing was changed in it. Choose another "
                + "one with --work-dir DIR, or move this one away (mv " + workDir + " " + workDir + ".before)");
    }
}
