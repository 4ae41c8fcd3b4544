// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Precision;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Images per second of the training step, fed from memory, per precision and memory layout, measured in turns. */
@Command(
        name = "train-step",
        mixinStandardHelpOptions = true,
        description = "Measures the training step of ResNet-18 (1x28x28, 10 classes), fed from memory.")
final class TrainStep implements Callable<Integer> {
    @Option(names = "--batch-size", defaultValue = "128", description = "Images in a step (${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(names = "--steps", defaultValue = "40", description = "Steps in a measurement (${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--repetitions", defaultValue = "5", description = "Measurements of each (${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(names = "--warm-up", defaultValue = "10", description = "Steps before the first one (${DEFAULT-VALUE}).")
    private int warmUp;

    @Spec
    private CommandSpec spec;

    private record Variant(Precision precision, boolean channelsLast) {
        String layout() {
            return channelsLast ? "channels-last" : "contiguous";
        }
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TrainStep()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (batchSize < 2 || steps < 1 || repetitions < 1 || warmUp < 0) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--batch-size must be at least 2, --steps and --repetitions 1, --warm-up 0");
        }
        List<ImageBatch> batches = Workload.batches(batchSize);
        List<Variant> variants = variants();
        List<Learner> learners = new ArrayList<>();
        List<StepLoop> loops = new ArrayList<>();
        try {
            for (Variant variant : variants) {
                Learner learner = Workload.learner(variant.precision(), variant.channelsLast());
                learners.add(learner);
                StepLoop loop = new StepLoop(learner, batches);
                loop.steps(warmUp);
                loops.add(loop);
            }
            report(variants, measure(loops));
        } finally {
            learners.forEach(Learner::close);
        }
        return 0;
    }

    private static List<Variant> variants() {
        List<Variant> variants = new ArrayList<>();
        variants.add(new Variant(Precision.FP32, false));
        variants.add(new Variant(Precision.FP32, true));
        if (Torch.supportsBf16()) {
            variants.add(new Variant(Precision.BF16, false));
            variants.add(new Variant(Precision.BF16, true));
        }
        return variants;
    }

    /** One row per variant. All take their turn in each round, so that a slower minute of the machine hits them all. */
    private double[][] measure(List<StepLoop> loops) {
        double[][] rates = new double[loops.size()][repetitions];
        for (int round = 0; round < repetitions; round++) {
            for (int k = 0; k < rates.length; k++) {
                rates[k][round] = loops.get(k).steps(steps).imagesPerSecond();
            }
        }
        return rates;
    }

    private void report(List<Variant> variants, double[][] rates) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Hardware.describe());
        out.printf("ResNet-18, 1x28x28, batch %d, %d steps a measurement, images/s%n", batchSize, steps);
        out.printf("%-9s %-13s %s %8s%n", "precision", "layout", Spread.heads(8), "ratio");
        double base = Spread.of(rates[0]).median();
        for (int k = 0; k < rates.length; k++) {
            Spread spread = Spread.of(rates[k]);
            out.printf(
                    Locale.ROOT,
                    "%-9s %-13s %s %8.2f%n",
                    variants.get(k).precision().name().toLowerCase(Locale.ROOT),
                    variants.get(k).layout(),
                    spread.cells("%8.0f"),
                    spread.median() / base);
        }
        out.flush();
    }
}
