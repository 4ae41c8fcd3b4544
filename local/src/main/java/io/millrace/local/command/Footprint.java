// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.stack.DiskUse;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.Running;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** What a stack takes of memory and disk, in lines. */
final class Footprint {
    private Footprint() {}

    static List<String> lines(Ports ports) {
        Map<Part, Running> running = Running.at(ports);
        List<String> lines = new ArrayList<>();
        lines.add("memory     " + memory(running));
        lines.add("disk       "
                + running.values().stream()
                        .findFirst()
                        .map(Running::workDir)
                        .map(Footprint::disk)
                        .orElse("unknown: this system does not show where the stack's files are"));
        return lines;
    }

    /** The command among them, which is the parent of all. */
    private static String memory(Map<Part, Running> running) {
        if (running.isEmpty()) {
            return "unknown: this system does not show what processes take (/proc)";
        }
        List<String> each = new ArrayList<>();
        long sum = 0;
        for (Running process : running.values()) {
            OptionalLong bytes = Running.residentBytes(process.pid());
            sum += bytes.orElse(0);
            each.add(process.part().label() + " " + size(bytes));
        }
        OptionalLong command = running.values().iterator().next().parent();
        OptionalLong bytes = command.isPresent() ? Running.residentBytes(command.getAsLong()) : command;
        each.add("millrace " + size(bytes));
        return size(OptionalLong.of(sum + bytes.orElse(0))) + " resident: " + String.join(", ", each);
    }

    private static String disk(Path workDir) {
        try {
            DiskUse use = DiskUse.of(workDir);
            long sum = use.bytes().values().stream().mapToLong(Long::longValue).sum();
            String kinds = use.bytes().entrySet().stream()
                    .map(kind -> kind.getKey() + " " + size(OptionalLong.of(kind.getValue())))
                    .collect(Collectors.joining(", "));
            return size(OptionalLong.of(sum)) + " in " + workDir + ": " + kinds + "; "
                    + size(OptionalLong.of(use.freeBytes())) + " free";
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }

    /** Bytes, for people. */
    static String size(OptionalLong bytes) {
        if (bytes.isEmpty()) {
            return "unknown";
        }
        double mib = bytes.getAsLong() / 1024.0 / 1024.0;
        return mib < 10
                ? String.format(Locale.ROOT, "%.1f MiB", mib)
                : mib < 10_000
                        ? String.format(Locale.ROOT, "%.0f MiB", mib)
                        : String.format(Locale.ROOT, "%.1f GiB", mib / 1024);
    }
}
