// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.Refusal;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.Running;
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
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace status}. */
@Command(
        name = "status",
        description =
                "Says how a running stack stands: its services, the run, the best checkpoints that are kept, the served model, "
                        + "memory and disk.",
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
    private static final int BEST = 5;

    @Spec
    private CommandSpec command;

    @Mixin
    private StackOption stack;

    /** 0 when all services answer. */
    @Override
    public Integer call() {
        Ports ports = stack.ports();
        Endpoints endpoints = new Endpoints(ports, stack.token());
        List<Part> silent = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        Set<Part> own = own(ports);
        for (Part part : own) {
            Condition condition = endpoints.condition(part);
            if (!condition.live()) {
                silent.add(part);
            }
            lines.add(String.format(
                    Locale.ROOT, "%-18s  127.0.0.1:%-5d  %s", part.label(), ports.of(part), state(condition)));
        }
        if (silent.size() == own.size()) {
            throw new Refusal(
                    "nothing runs at the ports from " + ports.base() + " on. Start a stack with ./millrace up, "
                            + "or name the port of the one that runs with --port N");
        }
        PrintWriter out = command.commandLine().getOut();
        lines.forEach(out::println);
        endpoints
                .locked()
                .map(StatusCommand::locked)
                .orElseGet(() -> work(endpoints, own))
                .forEach(out::println);
        Footprint.lines(ports).forEach(out::println);
        out.flush();
        return silent.isEmpty() ? 0 : 1;
    }

    /**
     * What belongs to the stack. It has as many workers as somebody wanted, and where they would listen another stack may:
     * of the further ones those do whose processes say so.
     */
    private static Set<Part> own(Ports ports) {
        Set<Part> own = EnumSet.copyOf(Part.ALL);
        own.addAll(Running.at(ports).keySet());
        return own;
    }

    private static String state(Condition condition) {
        if (!condition.live()) {
            return "does not answer";
        }
        String reason = condition.reason().isEmpty() ? "" : ": " + condition.reason();
        return condition.ready() ? "ready" : "up, not ready" + reason;
    }

    private static List<String> locked(String why) {
        return List.of("", "what they do is not told: " + why + "; name its file with --token-file FILE");
    }

    private static List<String> work(Endpoints endpoints, Set<Part> own) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        for (OrderedRun run : endpoints.runs()) {
            lines.add("run        " + run.runId() + "  " + run.state()
                    + (run.reason() == null ? "" : ": " + run.reason()));
        }
        trainings(endpoints, own).forEach(run -> {
            lines.add(training(run));
            Arrays.stream(Problem.values())
                    .flatMap(problem -> problem.of(run).stream())
                    .forEach(problem -> lines.add("problem    " + String.join("; ", problem)));
        });
        // Whoever reads an id here may take it to start --from or to export.
        endpoints.leaderboard().stream()
                .filter(Standing::kept)
                .limit(BEST)
                .forEach(standing -> lines.add(standing(standing)));
        List<ServedVersion> models = endpoints.models();
        models.forEach(model -> lines.add("serving    " + model.model() + ", version " + model.version()));
        if (models.isEmpty()) {
            lines.add("serving    nothing yet");
        }
        return lines;
    }

    /** What each trainer is at, and where none is at anything what the first one heard of last. */
    private static Collection<TrainerRun> trainings(Endpoints endpoints, Set<Part> own) {
        Map<String, TrainerRun> byRun = new LinkedHashMap<>();
        own.stream()
                .filter(Part::isTrainer)
                .flatMap(worker -> endpoints.training(worker).stream())
                .filter(run -> run.runId() != null)
                .forEach(
                        run -> byRun.merge(run.runId(), run, (one, other) -> one.step() >= other.step() ? one : other));
        return byRun.values();
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
