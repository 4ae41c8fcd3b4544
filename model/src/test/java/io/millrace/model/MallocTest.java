// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.millrace.contracts.batch.ImageBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class MallocTest {
    private static final int WARM_UP = 6;
    private static final int STEPS = 6;
    /** Without the settings it is several thousand. */
    private static final long FEW_PAGES = 500;

    @Test
    void aStepComputesInTheMemoryOfTheOneBefore() throws IOException {
        assumeThat(Malloc.keepFreedMemory()).as("the C library is glibc").isTrue();
        ImageBatch batch = Given.batch(1, 128);
        try (Learner learner = Given.learner(Given.recipe())) {
            for (int k = 0; k < WARM_UP; k++) {
                learner.step(List.of(batch), 0.01);
            }
            long before = pageFaults();
            for (int k = 0; k < STEPS; k++) {
                learner.step(List.of(batch), 0.01);
            }
            assertThat((pageFaults() - before) / STEPS).isLessThan(FEW_PAGES);
        }
    }

    /**
     * The first activations of 128 images of 32x32 are of exactly this size: too large for glibc's own thresholds. In a
     * process of its own: which of glibc's heaps a thread gets, and how much of it others left in use, is chance in this
     * one.
     */
    @ParameterizedTest
    @ValueSource(longs = {32L << 20, 48L << 20})
    void aLargeBlockIsKeptAsWell(long bytes) throws Exception {
        assumeThat(Malloc.keepFreedMemory()).as("the C library is glibc").isTrue();

        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeBlock.class.getName(),
                        Long.toString(bytes))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String faults = new String(process.getInputStream().readAllBytes(), UTF_8).strip();

        assertThat(process.waitFor()).isZero();
        assertThat(Long.parseLong(faults)).isLessThan(FEW_PAGES);
    }

    /** Prints how many pages the system gives a thread that fills a block again and again. */
    static final class LargeBlock {
        private LargeBlock() {}

        public static void main(String[] args) throws Exception {
            long bytes = Long.parseLong(args[0]);
            Malloc.keepFreedMemory();
            FutureTask<Long> faults = new FutureTask<>(() -> {
                for (int k = 0; k < WARM_UP; k++) {
                    fill(bytes);
                    pageFaults(); // reading a file leaves blocks of its own, and moves the next large one once
                }
                long before = pageFaults();
                for (int k = 0; k < STEPS; k++) {
                    fill(bytes);
                }
                return (pageFaults() - before) / STEPS;
            });
            new Thread(faults, "fills-memory").start();
            System.out.println(faults.get());
        }
    }

    @Test
    void whatIsKeptIsGivenBackWhenThereIsNothingToDo() throws IOException {
        assumeThat(Malloc.keepFreedMemory()).as("the C library is glibc").isTrue();
        long block = 32L << 20;
        fill(block);
        long kept = residentKib();

        Malloc.giveBack();

        assertThat(kept - residentKib()).isGreaterThan(block / 1024 * 9 / 10);
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static void fill(long bytes) {
        long block = Native.malloc(bytes);
        new Pointer(block).clear(bytes);
        Native.free(block);
    }

    /** Pages that the system had to give this thread: field 10 of proc(5), counted from after the command's name. */
    private static long pageFaults() throws IOException {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[7]);
    }
}
