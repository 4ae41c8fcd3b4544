// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A process of a stack, as Linux shows it.
 *
 * @param name that of its service; {@code millrace} is the command, which starts the others
 * @param directory its folder in {@code /proc}
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html">proc_pid_smaps(5)</a>
 */
record StackProcess(String name, Path directory) {
    private static final String PART = "-Dmillrace.part=";
    /** In {@code stat}, counted from what follows the name: time in user mode, and then in the kernel. */
    private static final int USER_TICKS = 11;
    /** Of every Linux that Java runs on; what the kernel calls {@code USER_HZ}. */
    private static final double TICKS_PER_SECOND = 100;

    /** The command and the processes that it has by now. */
    static List<StackProcess> of(ProcessHandle command) throws IOException {
        List<StackProcess> all = new ArrayList<>();
        for (ProcessHandle each :
                Stream.concat(Stream.of(command), command.children()).toList()) {
            Path directory = Path.of("/proc", Long.toString(each.pid()));
            all.add(new StackProcess(each.equals(command) ? "millrace" : part(directory), directory));
        }
        return all;
    }

    private static String part(Path directory) throws IOException {
        return Stream.of(new String(Files.readAllBytes(directory.resolve("cmdline")), UTF_8).split("\0"))
                .filter(argument -> argument.startsWith(PART))
                .map(argument -> argument.substring(PART.length()))
                .findFirst()
                .orElse("other");
    }

    /** Processor time that all its threads have had so far. */
    double processorSeconds() throws IOException {
        String stat = Files.readString(directory.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1])) / TICKS_PER_SECOND;
    }

    /** Resident memory in MiB: {@code Rss}, with what it shares with others, and {@code Pss}, with its part of that. */
    Map<String, Double> memory() throws IOException {
        Map<String, Double> memory = new TreeMap<>();
        for (String line : Files.readAllLines(directory.resolve("smaps_rollup"))) {
            if (line.startsWith("Rss:") || line.startsWith("Pss:")) {
                memory.put(line.substring(0, 3), Long.parseLong(line.replaceAll("\\D", "")) / 1024.0);
            }
        }
        return memory;
    }
}
