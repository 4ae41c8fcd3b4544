// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.millrace.contracts.batch.ImageBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

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

    /** Pages that the system had to give this thread: field 10 of proc(5), counted from after the command's name. */
    private static long pageFaults() throws IOException {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[7]);
    }
}
