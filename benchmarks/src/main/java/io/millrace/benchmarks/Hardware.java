// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.model.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a number was measured on. */
final class Hardware {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Hardware() {}

    static String describe() throws IOException {
        return processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores, Java "
                + Runtime.version().feature() + ", " + Torch.description();
    }

    private static String processor() throws IOException {
        if (!Files.isReadable(CPU_INFO)) {
            return System.getProperty("os.name") + " " + System.getProperty("os.arch");
        }
        return Files.readAllLines(CPU_INFO).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }
}
