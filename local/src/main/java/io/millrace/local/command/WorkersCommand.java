// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.local.stack.Part;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace workers}: who trains what, and what waits. */
@Command(
        name = "workers",
        description =
                "Lists the workers of a running stack: the run that each holds, how far that is, how fast, and the part of "
                        + "the time that it waits for data; and the runs that wait for a worker.",
        mixinStandardHelpOptions = true)
public final class WorkersCommand implements Callable<Integer> {
    private static final String ROW = "%-24s %5s  %-40s  %13s  %9s  %7s";

    @Spec
    private CommandSpec command;

    @Mixin
    private StackOption stack;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = command.commandLine().getOut();
        lines(new RunRequests(stack.ports(), stack.token(), Part.TRAINER).get("/workers"))
                .forEach(out::println);
        out.flush();
        return 0;
    }

    /** @param pool as trainer-service's {@code GET /workers} has it */
    static List<String> lines(JsonNode pool) {
        List<String> lines = new ArrayList<>();
        if (pool.path("workers").isEmpty()) {
            return List.of("there are no workers yet: the trainers are coming together");
        }
        lines.add(row("WORKER", "SLOTS", "RUN", "STEP", "IMAGES/S", "WAITING"));
        for (JsonNode worker : pool.path("workers")) {
            boolean known = worker.has("step");
            lines.add(row(
                    worker.path("worker").asText(),
                    worker.path("slots").asText(),
                    run(worker),
                    known
                            ? worker.path("step").asText() + "/"
                                    + worker.path("steps").asText()
                            : "-",
                    known
                            ? String.format(
                                    Locale.ROOT,
                                    "%.0f",
                                    worker.path("imagesPerSecond").asDouble())
                            : "-",
                    known
                            ? String.format(
                                    Locale.ROOT,
                                    "%.1f %%",
                                    100 * worker.path("waitRatio").asDouble())
                            : "-"));
            if (worker.hasNonNull("leaves")) {
                lines.add("  leaves " + worker.path("leaves").asText() + " at its next boundary");
            }
            if (worker.hasNonNull("refused")) {
                lines.add("  is refused: " + worker.path("refused").asText());
            }
        }
        for (JsonNode run : pool.path("waiting")) {
            lines.add("waits      " + run.path("runId").asText() + ": "
                    + run.path("reason").asText());
        }
        return lines;
    }

    private static String run(JsonNode worker) {
        String replicas = worker.path("replicas").size() == 1
                        && worker.path("replicas").path(0).asInt() == 0
                ? ""
                : " " + worker.path("replicas");
        return worker.hasNonNull("runId") ? worker.path("runId").asText() + replicas : "-";
    }

    private static String row(Object... cells) {
        return String.format(Locale.ROOT, ROW, cells).stripTrailing();
    }
}
