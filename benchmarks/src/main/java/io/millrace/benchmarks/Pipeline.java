// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Precision;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Images per second through Kafka and the services, against the step loop fed from memory. Both are measured in turns:
 * the loop, a run of {@code ./millrace up}, the loop again, and so on.
 */
@Command(
        name = "pipeline",
        mixinStandardHelpOptions = true,
        description = "Measures a whole run of ./millrace up beside the same step loop fed from memory.")
final class Pipeline implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--data-dir", description = "Folder with the four MNIST files; without it: generated strokes.")
    private Path dataDir;

    @Option(names = "--repetitions", defaultValue = "3", description = "Runs of each (${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(names = "--steps", defaultValue = "60", description = "Steps of the loop in a turn (${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--precision", defaultValue = "auto", description = "auto, fp32 or bf16 (${DEFAULT-VALUE}).")
    private Precision precision;

    @Option(names = "--batch-size", defaultValue = "128", description = "Images in a step (${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = "--threads",
            description =
                    "Threads of a training step, in both; all processors unless given. With fewer, the broker and the"
                            + " other services have processors of their own.")
    private Integer threads;

    @Option(names = "--root", hidden = true, required = true, description = "Where ./millrace lies.")
    private Path root;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Pipeline())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (repetitions < 1 || steps < 1 || batchSize < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--repetitions, --steps and --batch-size must be at least 1");
        }
        if (threads != null && threads < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--threads must be at least 1");
        }
        if (threads != null) {
            System.setProperty(Torch.THREADS_PROPERTY, threads.toString());
        }
        double[] memory = new double[repetitions];
        double[] pipeline = new double[repetitions];
        double[] ratio = new double[repetitions];
        double[] wait = new double[repetitions];
        double[] accuracy = new double[repetitions];
        double[] start = new double[repetitions];
        Precision used = Torch.resolve(precision);
        for (int k = 0; k < repetitions; k++) {
            double before = loop(used);
            JsonNode report = run();
            pipeline[k] = report.path("imagesPerSecond").asDouble();
            wait[k] = 100 * report.path("waitRatio").asDouble();
            accuracy[k] = 100 * report.path("best").path("accuracy").asDouble();
            start[k] = report.path("startSeconds").asDouble();
            // Before and after: what the machine gives drifts within the minutes of a run.
            memory[k] = (before + loop(used)) / 2;
            ratio[k] = 100 * pipeline[k] / memory[k];
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(Hardware.describe());
        out.printf("%-38s %s%n", "", Spread.heads(9));
        row(out, "step loop fed from memory, images/s", memory, "%9.0f");
        row(out, "./millrace up, images/s", pipeline, "%9.0f");
        row(out, "pipeline / memory, %", ratio, "%9.1f");
        row(out, "training thread waiting for batches, %", wait, "%9.2f");
        row(out, "best accuracy on the test split, %", accuracy, "%9.2f");
        row(out, "from up to the first step, s", start, "%9.1f");
        out.flush();
        return 0;
    }

    private static void row(PrintWriter out, String what, double[] values, String number) {
        out.printf(Locale.ROOT, "%-38s %s%n", what, Spread.of(values).cells(number));
    }

    private JsonNode run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("millrace-benchmark");
        Path report = folder.resolve("report.json");
        List<String> command = new ArrayList<>(List.of(
                root.resolve("millrace").toString(),
                "up",
                "--recipe",
                "quick",
                "--precision",
                precision.name().toLowerCase(Locale.ROOT),
                "--batch-size",
                Integer.toString(batchSize),
                "--work-dir",
                folder.resolve("work").toString(),
                "--exit-when-done",
                "--report",
                report.toString()));
        command.addAll(
                dataDir == null
                        ? List.of("--dataset", "strokes")
                        : List.of("--dataset", "mnist", "--data-dir", dataDir.toString()));
        if (threads != null) {
            command.addAll(List.of("--set", "millrace.trainer.threads=" + threads));
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output.txt").toFile())
                .start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(
                    "./millrace up ended with " + code + "; its output is in " + folder.resolve("output.txt"));
        }
        return JSON.readTree(report.toFile());
    }

    private double loop(Precision used) {
        List<ImageBatch> batches = Workload.batches(batchSize);
        try (Learner learner = Workload.learner(used, true)) {
            StepLoop.imagesPerSecond(learner, batches, 10);
            return StepLoop.imagesPerSecond(learner, batches, steps);
        }
    }
}
