// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Two runs of one recipe: one in peace, and one whose processes are killed, ended or halted at random moments. On one
 * machine, with one thread a step and a fixed precision, both must come to the same weights, to the bit.
 */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Kills processes of ./millrace up at random moments while it trains, and compares what comes out "
                + "with an undisturbed run. Ends with 0 when it is identical, else with 1.")
final class Chaos implements Callable<Integer> {
    @Option(names = "--kills", defaultValue = "50", description = "Faults in all (${DEFAULT-VALUE}).")
    private int kills;

    @Option(
            names = "--signals",
            split = ",",
            defaultValue = "kill",
            description = "What is done: kill, term, stop, which goes on again by itself (${DEFAULT-VALUE}).")
    private List<String> signals;

    @Option(
            names = "--targets",
            split = ",",
            defaultValue = "all",
            description = "To whom: all, or trainer, dataset, evaluator, inference, broker, command; the last is "
                    + "./millrace up itself, with all the others (${DEFAULT-VALUE}).")
    private List<String> targets;

    @Option(names = "--seed", defaultValue = "1", description = "Of times, signals and targets (${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--epochs", defaultValue = "4", description = "Of each run (${DEFAULT-VALUE}).")
    private int epochs;

    @Option(names = "--batch-size", defaultValue = "16", description = "Images in a step (${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(names = "--checkpoint-every", defaultValue = "10", description = "Steps (${DEFAULT-VALUE}).")
    private int checkpointEvery;

    @Option(names = "--dataset", defaultValue = "strokes", description = "strokes or mnist (${DEFAULT-VALUE}).")
    private String dataset;

    @Option(names = "--data-dir", description = "Folder with the four MNIST files.")
    private Path dataDir;

    @Option(names = "--samples", defaultValue = "1600", description = "Training images of strokes (${DEFAULT-VALUE}).")
    private int samples;

    @Option(names = "--precision", defaultValue = "fp32", description = "fp32 or bf16 (${DEFAULT-VALUE}).")
    private String precision;

    @Option(names = "--threads", defaultValue = "1", description = "Threads of a training step (${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--port", defaultValue = "8080", description = "First port of the services (${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Further --set of ./millrace up.")
    private List<String> settings = List.of();

    @Option(names = "--keep", description = "Leave the work directories in place.")
    private boolean keep;

    @Option(names = "--root", hidden = true, required = true, description = "Where ./millrace lies.")
    private Path root;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Chaos())
                .setExecutionExceptionHandler(Chaos::failed)
                .execute(arguments));
    }

    /** What a run came to is told without the way to it; everything else is a fault of this program. */
    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (e instanceof IOException) {
            command.getErr().println("benchmarks/chaos: " + e.getMessage());
            return 1;
        }
        throw e;
    }

    /** A run that is over. */
    private record Result(Ending ending, long steps, double accuracy) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (kills < 0 || epochs < 1 || batchSize < 2 || checkpointEvery < 1 || samples < batchSize || threads < 1) {
            throw refused("--kills must be at least 0, --epochs, --checkpoint-every and --threads 1, --batch-size 2, "
                    + "--samples a batch");
        }
        List<Fault> faults = signals.stream()
                .map(name -> Fault.named(name)
                        .orElseThrow(() -> refused("--signals " + name + ": it must be kill, term or stop")))
                .toList();
        List<Target> hit = targets();
        say(Hardware.describe());
        say("an undisturbed run");
        Result calm = run(List.of());
        say(kills + " faults, seed " + seed);
        Result hurt = run(PlannedFault.plan(seed, kills, calm.steps(), faults, hit));
        print(calm, hurt);
        return identical(calm, hurt) ? 0 : 1;
    }

    private List<Target> targets() {
        return targets.contains("all")
                ? List.of(Target.values())
                : targets.stream().map(this::target).toList();
    }

    private Target target(String name) {
        return Arrays.stream(Target.values())
                .filter(target -> target.label().equals(name))
                .findFirst()
                .orElseThrow(() -> refused("--targets " + name
                        + ": it must be all, trainer, dataset, evaluator, inference, broker or command"));
    }

    private Result run(List<PlannedFault> plan) throws IOException, InterruptedException {
        try (Up up = new Up(root.resolve("millrace"), port, options())) {
            new DisturbedRun(up, this::say).perform(plan);
            JsonNode report = up.report();
            long steps = report.path("steps").asLong();
            Ending ending = Ending.of(up.workDir(), steps);
            if (!keep) {
                up.dispose();
            } else {
                say("left in place: " + up.workDir());
            }
            return new Result(
                    ending, steps, report.path("best").path("accuracy").asDouble());
        }
    }

    private List<String> options() {
        List<String> options = new ArrayList<>(List.of(
                "--recipe",
                "quick",
                "--epochs",
                Integer.toString(epochs),
                "--batch-size",
                Integer.toString(batchSize)));
        options.addAll(List.of("--precision", precision, "--dataset", dataset));
        if (dataDir != null) {
            options.addAll(List.of("--data-dir", dataDir.toString()));
        }
        List<String> set = new ArrayList<>(List.of(
                "checkpointEverySteps=" + checkpointEvery,
                "millrace.trainer.threads=" + threads,
                "millrace.dataset.strokes.train-samples=" + samples,
                "millrace.dataset.strokes.test-samples=" + Math.min(500, samples)));
        set.addAll(settings);
        set.forEach(setting -> options.addAll(List.of("--set", setting)));
        return options;
    }

    private static boolean identical(Result calm, Result hurt) {
        return calm.ending().identical(hurt.ending())
                && calm.ending().complete()
                && hurt.ending().complete();
    }

    private void print(Result calm, Result hurt) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%-34s %-16s %-16s %-9s %s%n",
                "run",
                "weights",
                "optimizer",
                "accuracy",
                "batches, each once and in order");
        row(out, "undisturbed", calm);
        row(out, "%d faults (%s), seed %d".formatted(kills, String.join(",", signals), seed), hurt);
        out.println(identical(calm, hurt) ? "identical to the bit" : "NOT identical");
        out.flush();
    }

    private static void row(PrintWriter out, String name, Result result) {
        Ending ending = result.ending();
        out.printf(
                Locale.ROOT,
                "%-34s %.16s %.16s %7.2f %% %s%n",
                name,
                ending.weights(),
                ending.optimizer(),
                100 * result.accuracy(),
                ending.complete() ? result.steps() + " of " + result.steps() : "no; " + ending.lost() + " lost");
    }

    private ParameterException refused(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void say(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
