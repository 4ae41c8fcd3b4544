// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.benchmarks.StepLoop.Turn;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Precision;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Images per second through Kafka and the services, against the step loop fed from memory. What a shared machine gives
 * drifts by a tenth and more within a minute, so the two take turns of some seconds within one run: all of {@code up} is
 * halted while the loop has its turn, and its training time is what the report says less the time it stood still.
 */
@Command(
        name = "pipeline",
        mixinStandardHelpOptions = true,
        description = "Measures a whole run of ./millrace up beside the same step loop fed from memory.")
final class Pipeline implements Callable<Integer> {
    /** A run that is about to end is not halted any more: all its halts lie within the time that it reports. */
    private static final int LAST_STEPS = 12;

    private static final int WARM_UP = 10;

    @Option(names = "--data-dir", description = "Folder with the four MNIST files; without it: generated strokes.")
    private Path dataDir;

    @Option(names = "--repetitions", defaultValue = "3", description = "Runs (${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(names = "--turn", defaultValue = "2", description = "Seconds of a turn of either (${DEFAULT-VALUE}).")
    private int turn;

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

    @Option(names = "--port", defaultValue = "8080", description = "First port of the services (${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Further configuration of every service.")
    private List<String> settings = List.of();

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
        if (repetitions < 1 || turn < 1 || batchSize < 2) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--repetitions and --turn must be at least 1, --batch-size 2");
        }
        if (threads != null && threads < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--threads must be at least 1");
        }
        if (threads != null) {
            System.setProperty(Torch.THREADS_PROPERTY, threads.toString());
        }
        List<Result> results = new ArrayList<>();
        Compute compute = Workload.resolve(precision, batchSize);
        // Both compute alike, whatever another measurement would have found.
        precision = compute.precision();
        try (Learner learner = Workload.learner(compute)) {
            StepLoop loop = new StepLoop(learner, Workload.batches(batchSize));
            loop.steps(WARM_UP);
            for (int k = 0; k < repetitions; k++) {
                results.add(run(loop));
            }
        }
        print(results);
        return 0;
    }

    private void print(List<Result> results) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Hardware.describe());
        out.printf("%-38s %s%n", "", Spread.heads(9));
        row(out, "step loop fed from memory, images/s", results, Result::memory, "%9.0f");
        row(out, "./millrace up, images/s", results, Result::pipeline, "%9.0f");
        row(out, "pipeline / memory, %", results, result -> 100 * result.pipeline() / result.memory(), "%9.1f");
        row(out, "training thread waiting for batches, %", results, result -> 100 * result.waiting(), "%9.2f");
        row(out, "best accuracy on the test split, %", results, result -> 100 * result.accuracy(), "%9.2f");
        row(out, "from up to the first step, s", results, Result::start, "%9.1f");
        out.flush();
    }

    private static void row(
            PrintWriter out, String what, List<Result> results, ToDoubleFunction<Result> figure, String number) {
        double[] values = results.stream().mapToDouble(figure).toArray();
        out.printf(Locale.ROOT, "%-38s %s%n", what, Spread.of(values).cells(number));
    }

    /** One run: images/s of the loop and of the pipeline, ratios from 0 to 1, seconds to the first step. */
    private record Result(double memory, double pipeline, double waiting, double accuracy, double start) {}

    private Result run(StepLoop loop) throws IOException, InterruptedException {
        try (HaltableRun up = new HaltableRun(root.resolve("millrace"), port, options())) {
            Duration time = Duration.ofSeconds(turn);
            Turn memory = Turn.NONE;
            up.awaitTraining();
            up.proceed(time);
            for (long left = up.steps().left();
                    left > LAST_STEPS;
                    left = up.steps().left()) {
                Turn now = up.halted(() -> loop.lasting(time));
                memory = memory.plus(now);
                say("%d steps to go; the loop: %.0f images/s".formatted(left, now.imagesPerSecond()));
                up.proceed(time);
            }
            JsonNode report = up.report();
            if (memory.images() == 0) {
                throw new IOException("the run was over before the loop had a turn of " + turn + " s");
            }
            double seconds = report.path("trainSeconds").asDouble() - up.haltedSeconds();
            Result result = new Result(
                    memory.imagesPerSecond(),
                    report.path("samples").asLong() / seconds,
                    report.path("waitRatio").asDouble()
                            * report.path("trainSeconds").asDouble()
                            / seconds,
                    report.path("best").path("accuracy").asDouble(),
                    report.path("startSeconds").asDouble());
            say("pipeline %.0f, loop %.0f images/s".formatted(result.pipeline(), result.memory()));
            return result;
        }
    }

    private void say(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private List<String> options() {
        List<String> options = new ArrayList<>(List.of(
                "--recipe",
                "quick",
                "--precision",
                precision.name().toLowerCase(Locale.ROOT),
                "--batch-size",
                Integer.toString(batchSize)));
        options.addAll(
                dataDir == null
                        ? List.of("--dataset", "strokes")
                        : List.of("--dataset", "mnist", "--data-dir", dataDir.toString()));
        if (threads != null) {
            options.addAll(List.of("--set", "millrace.trainer.threads=" + threads));
        }
        settings.forEach(setting -> options.addAll(List.of("--set", setting)));
        return options;
    }
}
