// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningTest {
    @TempDir
    private Path directory;

    @Test
    void theProcessesOfAStackAreFoundByItsPortsWithTheirMemoryAndWhoStartedThem() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "skipped: no /proc");
        Ports ports = FreePorts.find();
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "read line", "sh"));
        try (WorkDir workDir = WorkDir.open(directory.resolve("work"))) {
            command.addAll(Running.marks(Part.TRAINER, ports, workDir));
        }
        Process process = new ProcessBuilder(command).start();
        try {
            await().untilAsserted(() -> assertThat(Running.at(ports)).containsOnlyKeys(Part.TRAINER));
            Running found = Running.at(ports).get(Part.TRAINER);

            assertThat(found).isEqualTo(new Running(Part.TRAINER, process.pid(), directory.resolve("work")));
            assertThat(found.parent()).hasValue(ProcessHandle.current().pid());
            assertThat(Running.residentBytes(found.pid()).orElseThrow()).isBetween(100_000L, 100_000_000L);
            assertThat(Running.at(new Ports(ports.base() + 1))).isEmpty();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(Running.residentBytes(process.pid())).isEmpty();
    }

    @Test
    void theDiskIsCountedByKindWithoutTheHolesInFiles() throws Exception {
        try (WorkDir workDir = WorkDir.open(directory)) {
            Files.createDirectories(directory.resolve("kafka/data/topic-0"));
            Files.write(directory.resolve("kafka/data/topic-0/log"), new byte[3 << 20]);
            try (RandomAccessFile index =
                    new RandomAccessFile(directory.resolve("kafka/index").toFile(), "rw")) {
                index.setLength(50 << 20);
            }
            Files.write(workDir.log("kafka").path(), new byte[1 << 20]);

            DiskUse use = DiskUse.of(directory);

            assertThat(use.bytes()).containsOnlyKeys("broker", "checkpoints", "data", "logs");
            assertThat(use.bytes().get("broker")).isBetween(3L << 20, 4L << 20);
            assertThat(use.bytes().get("logs")).isBetween(1L << 20, 2L << 20);
            assertThat(use.bytes().get("checkpoints")).isLessThan(1L << 20);
            assertThat(use.freeBytes()).isPositive();
        }
    }
}
