// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.Refusal;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Condition;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.OrderedRun;
import io.millrace.local.watch.Problem;
import io.millrace.local.watch.ServedVersion;
import io.millrace.local.watch.Standing;
import io.millrace.local.watch.TrainerRun;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace status}. */
@Command(
        name = "status",
        description = "Says how a running stack stands: its services, the run, the best checkpoints, the served model.",
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
    private static final int BEST = 5;

    @Spec
    private CommandSpec command;

    @Mixin
    private PortOption port;

    /** 0 when all services answer. */
    @Override
    public Integer call() {
        Ports ports = port.ports();
        Endpoints endpoints = new Endpoints(ports);
        List<Part> silent = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (Part part : Part.values()) {
            Condition condition = endpoints.condition(part);
            if (!condition.live()) {
                silent.add(part);
            }
            lines.add(String.format(
                    Locale.ROOT, "%-18s  127.0.0.1:%-5d  %s", part.label(), ports.of(part), state(condition)));
        }
        if (silent.size() == Part.values().length) {
            throw new Refusal(
                    "nothing runs at the ports from " + ports.base() + " on. Start a stack with ./millrace up, "
                            + "or name the port of the one that runs with --port N");
        }
        PrintWriter out = command.commandLine().getOut();
        lines.forEach(out::println);
        work(endpoints).forEach(out::println);
        out.flush();
        return silent.isEmpty() ? 0 : 1;
    }

    private static String state(Condition condition) {
        if (!condition.live()) {
            return "does not answer";
        }
        String reason = condition.reason().isEmpty() ? "" : ": " + condition.reason();
        return condition.ready() ? "ready" : "up, not ready" + reason;
    }

    private static List<String> work(Endpoints endpoints) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        for (OrderedRun run : endpoints.runs()) {
            lines.add("run        " + run.runId() + "  " + run.state()
                    + (run.reason() == null ? "" : ": " + run.reason()));
        }
        endpoints.training().filter(run -> run.runId() != null).ifPresent(run -> {
            lines.add(training(run));
            Arrays.stream(Problem.values())
                    .flatMap(problem -> problem.of(run).stream())
                    .forEach(problem -> lines.add("problem    " + String.join("; ", problem)));
        });
        endpoints.leaderboard().stream().limit(BEST).forEach(standing -> lines.add(standing(standing)));
        List<ServedVersion> models = endpoints.models();
        models.forEach(model -> lines.add("serving    " + model.model() + ", version " + model.version()));
        if (models.isEmpty()) {
            lines.add("serving    nothing yet");
        }
        return lines;
    }

    private static String training(TrainerRun run) {
        return String.format(
                Locale.ROOT,
                "training   %s  %s, step %d/%d, epoch %d/%d, %.0f images/s, loss %s%s",
                run.runId(),
                run.state(),
                run.step(),
                run.steps(),
                run.epoch(),
                run.epochs(),
                run.imagesPerSecond(),
                run.loss() == null ? "unknown" : String.format(Locale.ROOT, "%.4f", run.loss()),
                run.validation() == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", validation loss %.4f, accuracy %.2f %%",
                                run.validation().loss(),
                                100 * run.validation().accuracy()));
    }

    private static String standing(Standing standing) {
        return String.format(
                Locale.ROOT,
                "evaluated  %s  accuracy %.2f %%, loss %.4f%s",
                standing.checkpointId(),
                100 * standing.accuracy(),
                standing.loss(),
                standing.promoted() ? "  (promoted)" : "");
    }
}
