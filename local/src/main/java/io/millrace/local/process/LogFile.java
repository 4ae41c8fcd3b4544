// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a process says: a file, and beside it those that were set aside.
 *
 * @param path where
 */
public record LogFile(Path path) {
    private static final int TAIL_BYTES = 64 * 1024;
    private static final int KEPT = 3;
    private static final Pattern FRAME = Pattern.compile("\\s+(at .*|\\.\\.\\. \\d+ more)");

    /** Sets earlier logs aside as {@code <name>.1} (the newest) to {@code <name>.3}. */
    public void rotate() throws IOException {
        if (Files.notExists(path) || Files.size(path) == 0) {
            return;
        }
        for (int age = KEPT - 1; age >= 1; age--) {
            if (Files.exists(aged(age))) {
                Files.move(aged(age), aged(age + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(path, aged(1), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path aged(int age) {
        return path.resolveSibling(path.getFileName() + "." + age);
    }

    /** The files that there are, the oldest first. */
    public List<Path> files() {
        return Stream.concat(
                        IntStream.iterate(KEPT, age -> age >= 1, age -> age - 1).mapToObj(this::aged), Stream.of(path))
                .filter(Files::exists)
                .toList();
    }

    /** The last line, without what surrounds it; empty when there is none. */
    String lastWords() {
        try {
            return String.join("", tail(1)).strip();
        } catch (IOException e) {
            // Whoever wants to know more looks into the file and finds out.
            return "";
        }
    }

    /** The last lines, without the frames of stack traces; empty when there is no log. */
    public List<String> tail(int lines) throws IOException {
        if (Files.notExists(path)) {
            return List.of();
        }
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            long from = Math.max(0, file.length() - TAIL_BYTES);
            byte[] bytes = new byte[(int) (file.length() - from)];
            file.seek(from);
            file.readFully(bytes);
            List<String> all = new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !FRAME.matcher(line).matches() && !line.isBlank())
                    .toList();
            return all.subList(Math.max(0, all.size() - lines), all.size());
        }
    }
}
