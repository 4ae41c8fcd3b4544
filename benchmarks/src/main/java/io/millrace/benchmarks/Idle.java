// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What a stack takes of a machine when there is nothing to do: processor time and resident memory of each process after a
 * run, and processor time up to the first training step. Processor time holds on a busy machine as well, about.
 */
@Command(
        name = "idle",
        mixinStandardHelpOptions = true,
        description = "Measures processor time and memory of an idle ./millrace up after a run (Linux).")
final class Idle implements Callable<Integer> {
    private static final String ALL = "all together";

    @Option(names = "--data-dir", description = "Folder with the four MNIST files; without it: generated strokes.")
    private Path dataDir;

    @Option(names = "--minutes", defaultValue = "5", description = "Readings, one a minute (${DEFAULT-VALUE}).")
    private int minutes;

    @Option(names = "--seconds", defaultValue = "60", description = "Of such a minute (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--settle",
            defaultValue = "30",
            description = "Seconds from the end of the run to the first reading (${DEFAULT-VALUE}).")
    private int settle;

    @Option(names = "--port", defaultValue = "8080", description = "First port of the services (${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Further configuration of every service.")
    private List<String> settings = List.of();

    @Option(names = "--root", hidden = true, required = true, description = "Where ./millrace lies.")
    private Path root;

    @Spec
    private CommandSpec spec;

    /** Figures of each process, one for each reading. */
    private final Map<String, List<Double>> processor = new LinkedHashMap<>();

    private final Map<String, List<Double>> resident = new LinkedHashMap<>();
    private final Map<String, List<Double>> proportional = new LinkedHashMap<>();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Idle()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (minutes < 1 || seconds < 1 || settle < 0) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--minutes and --seconds must be at least 1, --settle 0");
        }
        try (Up up = Up.staying(root.resolve("millrace"), port, options())) {
            up.await(() -> up.steps().done() > 0);
            Map<String, Double> start = processorSeconds(up);
            up.await(() -> up.hasPrinted("the model is served until Ctrl-C"));
            Thread.sleep(1000L * settle);
            for (int reading = 0; reading < minutes; reading++) {
                read(up);
            }
            print(start);
            up.dispose();
        }
        return 0;
    }

    private List<String> options() {
        List<String> options = new ArrayList<>(List.of("--recipe", "quick"));
        options.addAll(
                dataDir == null
                        ? List.of("--dataset", "strokes")
                        : List.of("--dataset", "mnist", "--data-dir", dataDir.toString()));
        settings.forEach(setting -> options.addAll(List.of("--set", setting)));
        return options;
    }

    private static Map<String, Double> processorSeconds(Up up) throws IOException {
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (StackProcess process : StackProcess.of(up.process().toHandle())) {
            seconds.put(process.name(), process.processorSeconds());
        }
        return seconds;
    }

    private void read(Up up) throws IOException, InterruptedException {
        Map<String, Double> before = processorSeconds(up);
        long begin = System.nanoTime();
        Thread.sleep(1000L * seconds);
        double elapsed = (System.nanoTime() - begin) / 1e9;
        double spent = 0;
        double rss = 0;
        double pss = 0;
        for (StackProcess process : StackProcess.of(up.process().toHandle())) {
            double mine = process.processorSeconds() - before.getOrDefault(process.name(), 0.0);
            Map<String, Double> memory = process.memory();
            add(processor, process.name(), 100 * mine / elapsed);
            add(resident, process.name(), memory.get("Rss"));
            add(proportional, process.name(), memory.get("Pss"));
            spent += mine;
            rss += memory.get("Rss");
            pss += memory.get("Pss");
        }
        add(processor, ALL, 100 * spent / elapsed);
        add(resident, ALL, rss);
        add(proportional, ALL, pss);
        PrintWriter err = spec.commandLine().getErr();
        err.printf(Locale.ROOT, "%.2f %% of a core, %.0f MiB resident%n", 100 * spent / elapsed, rss);
        err.flush();
    }

    private static void add(Map<String, List<Double>> figures, String name, double figure) {
        figures.computeIfAbsent(name, first -> new ArrayList<>()).add(figure);
    }

    private void print(Map<String, Double> start) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Hardware.describe());
        out.printf("%-62s %s%n", "", Spread.heads(8));
        rows(out, "% of a core, idle: ", processor, "%8.2f");
        rows(out, "resident (RSS), MiB: ", resident, "%8.0f");
        rows(out, "resident, shared pages split (PSS), MiB: ", proportional, "%8.0f");
        start.forEach((name, spent) ->
                out.printf(Locale.ROOT, "processor time up to the first step, s: %-20s %8.2f%n", name, spent));
        out.printf(
                Locale.ROOT,
                "processor time up to the first step, s: %-20s %8.2f%n",
                ALL,
                start.values().stream().mapToDouble(Double::doubleValue).sum());
        out.flush();
    }

    private static void rows(PrintWriter out, String what, Map<String, List<Double>> figures, String number) {
        figures.forEach((name, values) -> out.printf(
                "%-62s %s%n",
                what + name,
                Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray())
                        .cells(number)));
    }
}
