// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.Running;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.Standing;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace runs}: a table of at most {@value #WIDTH} columns. */
@Command(
        name = "runs",
        description =
                "Lists the runs of a running stack: state, how far each is, its best accuracy on the test split, and what "
                        + "its checkpoints take on the disk.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class RunsCommand implements Callable<Integer> {
    private static final int WIDTH = 100;
    private static final int ID = 40;
    private static final String ROW = "%-" + ID + "s  %-10s  %7s  %13s  %10s %1s %9s";

    @Spec
    private CommandSpec command;

    @Mixin
    private StackOption stack;

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            description =
                    "Where the stack's checkpoints lie. Default: where the processes of that stack say (Linux), else "
                            + WorkDirOption.DEFAULT)
    private Path workDir;

    @Override
    public Integer call() throws InterruptedException {
        Ports ports = stack.ports();
        new RunRequests(ports, stack.token()).get("/runs");
        Path checkpoints = Optional.ofNullable(workDir)
                .or(() -> Running.at(ports).values().stream()
                        .map(Running::workDir)
                        .findFirst())
                .orElse(Path.of(WorkDirOption.DEFAULT))
                .resolve("checkpoints");
        Endpoints endpoints = new Endpoints(ports, stack.token());
        List<OrderedRun> runs = endpoints.runs();
        List<Standing> standings = endpoints.leaderboard();
        PrintWriter out = command.commandLine().getOut();
        if (runs.isEmpty()) {
            out.println("there are no runs; ./millrace start orders one");
            return 0;
        }
        out.println(row("RUN", "STATE", "EPOCH", "STEP", "ACCURACY", "", "SIZE"));
        runs.forEach(run -> lines(run, standings, checkpoints).forEach(out::println));
        if (standings.stream().anyMatch(Standing::promoted)) {
            out.println("* has a checkpoint that is promoted");
        }
        return 0;
    }

    private static List<String> lines(OrderedRun run, List<Standing> standings, Path checkpoints) {
        Optional<RunSpec> spec = Optional.ofNullable(run.spec());
        List<Standing> own = standings.stream()
                .filter(standing -> spec.filter(standing::isOf).isPresent())
                .toList();
        Optional<Standing> best = own.stream()
                .filter(Standing::chosen)
                .findFirst()
                .or(() -> own.stream().findFirst());
        RunStatus status = run.status();
        String row = row(
                run.runId().length() > ID ? "" : run.runId(),
                run.state(),
                spec.map(known -> (status == null ? 0 : status.epoch()) + "/" + known.epochs())
                        .orElse("-"),
                spec.map(known -> (status == null ? 0 : status.step()) + "/" + known.steps())
                        .orElse("-"),
                best.map(standing -> String.format(Locale.ROOT, "%.2f %%", 100 * standing.accuracy()))
                        .orElse("-"),
                own.stream().anyMatch(Standing::promoted) ? "*" : "",
                spec.map(known -> size(checkpoints.resolve(known.incarnation())))
                        .orElse("-"));
        // An id is there to be copied: a long one has a line of its own.
        Stream<String> id = run.runId().length() > ID ? Stream.of(run.runId()) : Stream.of();
        Stream<String> reason = Stream.ofNullable(run.reason()).map(why -> cut("  " + why.replaceAll("\\s+", " ")));
        return Stream.of(id, Stream.of(row), reason).flatMap(lines -> lines).toList();
    }

    private static String row(Object... cells) {
        return String.format(Locale.ROOT, ROW, cells);
    }

    private static String cut(String line) {
        return line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…";
    }

    private static String size(Path directory) {
        if (!Files.isDirectory(directory)) {
            return "-";
        }
        try (Stream<Path> files = Files.list(directory)) {
            long bytes = files.mapToLong(file -> file.toFile().length()).sum();
            return Footprint.size(OptionalLong.of(bytes));
        } catch (IOException | UncheckedIOException e) {
            // It is being removed.
            return "-";
        }
    }
}
