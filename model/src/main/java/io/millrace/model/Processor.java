// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * This machine's processor, as far as the bits of a result depend on it.
 *
 * @param name of the model
 * @param instructions the best set that the libraries know to use; empty when none of them, or when it cannot be told
 */
record Processor(String name, String instructions) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    /** By the kernel's name of a flag, what the set is called: the best first. */
    private static final Map<String, String> SETS = new LinkedHashMap<>();

    static {
        SETS.put("amx_bf16", "amx");
        SETS.put("avx512_bf16", "avx512_bf16");
        SETS.put("avx512f", "avx512");
        SETS.put("avx2", "avx2");
        // ARM's
        SETS.put("bf16", "bf16");
        SETS.put("asimd", "neon");
    }

    /** Sets that multiply bf16. */
    private static final Set<String> BF16 = Set.of("amx", "avx512_bf16", "bf16");

    static Processor here() {
        try {
            return Files.isReadable(CPU_INFO) ? of(Files.readAllLines(CPU_INFO)) : of(List.of());
        } catch (IOException e) {
            return of(List.of());
        }
    }

    /** From what Linux says in {@code /proc/cpuinfo}; the architecture where it says nothing. */
    static Processor of(List<String> cpuInfo) {
        String name = value(cpuInfo, "model name", System.getProperty("os.arch"));
        List<String> flags =
                List.of(value(cpuInfo, "flags", value(cpuInfo, "Features", "")).split("\\s+"));
        return new Processor(
                name,
                SETS.entrySet().stream()
                        .filter(set -> flags.contains(set.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(""));
    }

    /** Of the first processor; all of a machine are of one kind. */
    private static String value(List<String> cpuInfo, String key, String otherwise) {
        return cpuInfo.stream()
                .filter(line -> line.matches(key + "\\s*:.*"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse(otherwise);
    }

    boolean multipliesBf16() {
        return BF16.contains(instructions);
    }

    @Override
    public String toString() {
        return instructions.isEmpty() ? name : name + " (" + instructions + ")";
    }
}
