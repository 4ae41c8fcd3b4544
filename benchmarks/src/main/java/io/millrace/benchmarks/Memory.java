// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Precision;
import io.millrace.model.Learner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Resident memory and native arrays over many training steps, with a checkpoint's snapshot now and then. */
@Command(
        name = "memory",
        mixinStandardHelpOptions = true,
        description = "Shows whether the memory of the training step stays flat (Linux).")
final class Memory implements Callable<Integer> {
    private static final Path STATUS = Path.of("/proc/self/status");

    @Option(names = "--steps", defaultValue = "5000", description = "Steps in all (${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--batch-size", defaultValue = "16", description = "Images in a step (${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(names = "--samples", defaultValue = "20", description = "Readings of the memory (${DEFAULT-VALUE}).")
    private int samples;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Memory()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (samples < 4 || steps < 2 * samples || batchSize < 2) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--samples must be at least 4, --steps twice as many, --batch-size 2");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(Hardware.describe());
        out.printf("%8s %10s %14s%n", "step", "RSS MiB", "native arrays");
        List<ImageBatch> batches = Workload.batches(batchSize);
        double[] at = new double[samples];
        double[] rss = new double[samples];
        try (Learner learner = Workload.learner(Workload.resolve(Precision.AUTO, batchSize))) {
            StepLoop loop = new StepLoop(learner, batches);
            for (int k = 0; k < samples; k++) {
                loop.steps(steps / samples);
                learner.weights(); // as a checkpoint does
                learner.optimizerState();
                at[k] = (double) (k + 1) * (steps / samples);
                rss[k] = residentBytes();
                out.printf(Locale.ROOT, "%8.0f %10.1f %14d%n", at[k], rss[k] / (1 << 20), learner.nativeArrays());
                out.flush();
            }
        }
        // The first half fills pools and compiles; a leak shows in the second.
        double slope = slope(at, rss, samples / 2);
        out.printf(
                Locale.ROOT,
                "slope over the second half: %.0f bytes a step (%.2f MiB in 1,000 steps)%n",
                slope,
                slope * 1000 / (1 << 20));
        out.flush();
        return 0;
    }

    /** Least squares over the readings from {@code first} on. */
    static double slope(double[] x, double[] y, int first) {
        int n = x.length - first;
        double meanX = 0;
        double meanY = 0;
        for (int k = first; k < x.length; k++) {
            meanX += x[k] / n;
            meanY += y[k] / n;
        }
        double above = 0;
        double below = 0;
        for (int k = first; k < x.length; k++) {
            above += (x[k] - meanX) * (y[k] - meanY);
            below += (x[k] - meanX) * (x[k] - meanX);
        }
        return above / below;
    }

    private static double residentBytes() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024.0)
                .findFirst()
                .orElseThrow(() -> new IOException(STATUS + " has no VmRSS"));
    }
}
