// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.graph.TrainingMemory;
import io.millrace.model.optimizer.UpdateRule;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Refuses a run whose training does not fit into memory, before its first step: what happens otherwise is that the kernel
 * kills the process, again and again, and nobody says why.
 */
public final class TrainingRoom {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long KIB = 1024;

    private TrainingRoom() {}

    /** What this process held before it trained anything; what a training leaves behind, the next one uses. */
    private static final class Baseline {
        static final long BYTES = resident();

        private Baseline() {}
    }

    /**
     * Compares what training takes with what there is.
     *
     * @param precision of the convolutions; {@code auto} counts as fp32
     * @param limit bytes that training may take; empty: the memory of the machine, or the container's limit, less what
     *     this process holds before it trains; on a GPU, its memory
     * @throws RefusedRequestException with the numbers
     */
    public static void require(RunSpec run, Precision precision, Optional<Long> limit) {
        TrainingMemory need = need(run, precision);
        boolean gpu = Torch.gpuMemory().isPresent();
        long needed = gpu ? need.onDevice() : need.total();
        long there = limit.or(Torch::gpuMemory).orElseGet(TrainingRoom::left);
        if (needed <= there) {
            return;
        }
        long images = need.imagesIn(gpu ? there + need.host() : there);
        throw new RefusedRequestException(String.format(
                Locale.ROOT,
                "to train %s with %d images of %dx%dx%d at once takes about %s (weights %s, gradients and optimizer %s,"
                        + " activations %s, in passing %s, copies %s), and %s are there%s; order %s, or a smaller network, or set"
                        + " millrace.trainer.memory-limit to what training may take",
                run.network().name(),
                need.batchSize(),
                run.network().inputChannels(),
                run.dataset().height(),
                run.dataset().width(),
                mebibytes(needed),
                mebibytes(need.weights()),
                mebibytes(need.optimizer()),
                mebibytes(need.activations()),
                mebibytes(need.passing()),
                mebibytes(gpu ? 0 : need.host()),
                mebibytes(there),
                limit.isPresent() ? " (millrace.trainer.memory-limit)" : "",
                images >= 2
                        ? "batches of at most " + images + ", or the same in slices (accumulate)"
                        : "smaller images"));
    }

    private static TrainingMemory need(RunSpec run, Precision precision) {
        Recipe recipe = run.recipe();
        StepRules rules = StepRules.of(
                run.network(),
                run.dataset().normalization(),
                run.dataset().height(),
                run.dataset().width());
        Precision counted = precision == Precision.AUTO ? Precision.FP32 : precision;
        // What is frozen at first only has to fit when it is trained.
        boolean thawed = recipe.freeze() != null && recipe.freeze().untilEpoch() != null;
        Plan plan =
                new Plan(rules, UpdateRule.of(recipe), recipe, Torch.compute(counted, recipe.channelsLast()), thawed);
        // In rounds, one replica has its turn at a time, and what all of them learnt is held at the end of one.
        long together = run.inRounds() ? 1 : run.shards();
        TrainingMemory need = plan.memory(Math.toIntExact(together * recipe.batchSize() / recipe.accumulate()));
        return run.inRounds() ? need.withHost(run.shards() * need.optimizer()) : need;
    }

    /** The JVM knows a container's limit (JDK-8228428). */
    private static long left() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return Math.max(0, system.getTotalMemorySize() - Baseline.BYTES);
    }

    /** Bytes of this process in memory; 0 where the system does not tell. */
    private static long resident() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
    }
}
