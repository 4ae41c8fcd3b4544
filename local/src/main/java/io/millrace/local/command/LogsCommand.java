// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.Refusal;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.WorkDir;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace logs}. */
@Command(
        name = "logs",
        description = "Prints what the processes of a work directory said, by time; earlier starts first.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class LogsCommand implements Callable<Integer> {
    /** The command's own, which tells what the terminal showed. It is not among all, having no time of day. */
    private static final String OWN = "millrace";

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    @Spec
    private CommandSpec command;

    @Parameters(arity = "0..1", paramLabel = "SERVICE", description = "One of them alone: kafka, trainer-service, …")
    private String service;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what they say from now on, until Ctrl-C")
    private boolean follow;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            description = "Begin with the last N lines")
    private Integer lines;

    @Mixin
    private WorkDirOption workDir;

    /** 0; 1 when there is nothing to print. */
    @Override
    public Integer call() throws IOException, InterruptedException {
        if (lines != null && lines < 0) {
            throw new ParameterException(
                    command.commandLine(), "--lines " + lines + " will not do; it must be 0 or more");
        }
        List<String> names = names();
        WorkDir directory = WorkDir.existing(workDir.path());
        try (Logs logs = new Logs(directory, names)) {
            if (logs.isEmpty() && !follow) {
                throw new Refusal("there is no log of " + String.join(", ", names) + " in " + directory.path()
                        + ": it was not started yet");
            }
            print(logs);
        }
        return 0;
    }

    private List<String> names() {
        List<String> all = Arrays.stream(Part.values()).map(Part::label).toList();
        if (service == null) {
            return all;
        }
        return Stream.concat(all.stream(), Stream.of(OWN))
                .filter(name -> name.equals(service) || name.equals(service + "-service"))
                .findFirst()
                .map(List::of)
                .orElseThrow(() -> new ParameterException(
                        command.commandLine(),
                        "there is no service \"" + service + "\"; it must be one of "
                                + Part.ALL.stream().map(Part::label).collect(Collectors.joining(", ")) + ", or " + OWN
                                + " for what the terminal showed"));
    }

    private void print(Logs logs) throws IOException, InterruptedException {
        PrintWriter out = command.commandLine().getOut();
        Deque<String> last = new ArrayDeque<>();
        Optional<String> line = logs.next();
        for (; line.isPresent() && !out.checkError(); line = logs.next()) {
            if (lines == null) {
                out.println(line.get());
            } else {
                last.addLast(line.get());
                if (last.size() > lines) {
                    last.removeFirst();
                }
            }
        }
        last.forEach(out::println);
        // Whoever reads has gone, as head does, or is still there.
        while (follow && !out.checkError()) {
            for (line = logs.next(); line.isPresent(); line = logs.next()) {
                out.println(line.get());
            }
            out.flush();
            Thread.sleep(BETWEEN_LOOKS.toMillis());
        }
        logs.rest().forEach(out::println);
        out.flush();
    }
}
