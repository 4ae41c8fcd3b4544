// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A process of a stack, as the system shows it: it says on its command line what it belongs to, so that no file has to
 * remember it.
 *
 * @param part what it is
 * @param pid its id
 * @param workDir where its stack's files are
 */
public record Running(Part part, long pid, Path workDir) {
    private static final String PART = "-Dmillrace.part=";
    private static final String PORT = "-Dmillrace.port=";
    private static final String WORK_DIR = "-Dmillrace.work-dir=";
    private static final Path PROC = Path.of("/proc");

    /** What a process of a stack has on its command line. */
    static List<String> marks(Part part, Ports ports, WorkDir workDir) {
        return List.of(PART + part.label(), PORT + ports.base(), WORK_DIR + workDir.path());
    }

    /** The processes of the stack at some ports, as far as the system shows them: Linux does, other systems do not. */
    public static Map<Part, Running> at(Ports ports) {
        Map<Part, Running> found = new EnumMap<>(Part.class);
        try (Stream<Path> processes = Files.list(PROC)) {
            processes
                    .filter(each -> each.getFileName().toString().matches("\\d+"))
                    .flatMap(each -> of(each, ports).stream())
                    .forEach(each -> found.put(each.part(), each));
        } catch (IOException e) {
            // There is no /proc here.
            return Map.of();
        }
        return found;
    }

    private static Optional<Running> of(Path process, Ports ports) {
        Map<String, String> marks = new HashMap<>();
        try {
            for (String argument : new String(Files.readAllBytes(process.resolve("cmdline")), UTF_8).split("\0")) {
                Stream.of(PART, PORT, WORK_DIR)
                        .filter(argument::startsWith)
                        .forEach(mark -> marks.put(mark, argument.substring(mark.length())));
            }
        } catch (IOException e) {
            // It has just ended, or is another user's.
            return Optional.empty();
        }
        long pid = Long.parseLong(process.getFileName().toString());
        return Arrays.stream(Part.values())
                .filter(part -> part.label().equals(marks.get(PART))
                        && Integer.toString(ports.base()).equals(marks.get(PORT))
                        && marks.containsKey(WORK_DIR))
                .map(part -> new Running(part, pid, Path.of(marks.get(WORK_DIR))))
                .findFirst();
    }

    /** The process that started it, and watches it. */
    public OptionalLong parent() {
        return ProcessHandle.of(pid)
                .flatMap(ProcessHandle::parent)
                .map(parent -> OptionalLong.of(parent.pid()))
                .orElse(OptionalLong.empty());
    }

    /**
     * Memory of a process that is resident, what it shares with others included, in bytes; empty where the system does not
     * say.
     */
    public static OptionalLong residentBytes(long pid) {
        try (Stream<String> lines = Files.lines(PROC.resolve(Long.toString(pid)).resolve("status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            return OptionalLong.empty();
        }
    }
}
