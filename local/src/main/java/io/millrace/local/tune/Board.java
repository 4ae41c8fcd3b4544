// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import io.millrace.local.tune.Halving.Rung;
import io.millrace.local.tune.Search.Look;
import io.millrace.local.watch.OrderedRun;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** A search as people read it: a table of its trials, and what is new since the last one. Not thread-safe. */
public final class Board {
    private static final int RUN = 32;
    private static final int MOST_DRAWN = 16;
    private static final double PERCENT = 100;

    private Look last;

    /** The trials, in the order of their numbers, or the best first where it is decided. */
    public static List<String> table(Look look) {
        List<String> lines = new ArrayList<>(List.of(head(look)));
        order(look).forEach(trial -> lines.add(line(look, trial)));
        return lines;
    }

    /** The same, of those that have not been left out, and no longer than a terminal. */
    public static List<String> picture(Look look) {
        List<String> picture = new ArrayList<>(List.of(head(look)));
        look.standing().trials().stream().limit(MOST_DRAWN).forEach(trial -> picture.add(line(look, trial)));
        int more = look.standing().trials().size() - MOST_DRAWN;
        if (more > 0) {
            picture.add("and " + more + " more");
        }
        return picture;
    }

    private static String head(Look look) {
        return row(
                "TRIAL",
                "RATE",
                "DECAY",
                look.trials().get(0).values().augmentation().map(any -> "AUGMENT"),
                look.halving().rungs().stream()
                        .map(rung -> "EPOCH " + rung.epochs())
                        .toList(),
                "STATE");
    }

    /** Whoever came further is better, however it was at an earlier rung. */
    private static List<Integer> order(Look look) {
        List<Integer> all = IntStream.range(0, look.trials().size()).boxed().toList();
        if (!look.standing().decided()) {
            return all;
        }
        return all.stream()
                .sorted(Comparator.<Integer>comparingInt(
                                trial -> -look.courses().get(trial).figures().size())
                        .thenComparing(trial -> -look.courses().get(trial).lastAccuracy())
                        .thenComparing(trial -> look.standing().trials().indexOf(trial)))
                .toList();
    }

    private static String line(Look look, int trial) {
        Values values = look.trials().get(trial).values();
        List<String> accuracies = IntStream.range(0, look.halving().rungs().size())
                .mapToObj(rung -> accuracy(look, trial, rung))
                .toList();
        return row(
                look.trials().get(trial).runId(),
                number(values.learningRate()),
                number(values.weightDecay()),
                values.augmentation().map(Board::number),
                accuracies,
                state(look, trial));
    }

    private static String accuracy(Look look, int trial, int rung) {
        Course course = look.courses().get(trial);
        return course.has(rung) ? percent(course.accuracy(rung)) : "-";
    }

    private static String percent(double accuracy) {
        return String.format(Locale.ROOT, "%.2f %%", PERCENT * accuracy);
    }

    private static String number(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, value < 0.001 ? "%.2e" : "%.3g", value);
    }

    private static String state(Look look, int trial) {
        if (look.winner().filter(best -> best == trial).isPresent()) {
            return "won";
        }
        Course course = look.courses().get(trial);
        if (course.failure().isPresent()) {
            return "failed: " + course.failure().get();
        }
        if (!look.standing().trials().contains(trial) || look.standing().decided()) {
            int epochs = look.halving().rungs().get(course.figures().size() - 1).epochs();
            return "out after " + epochs(epochs);
        }
        Optional<OrderedRun> run = look.runs().get(trial);
        if (!look.isWanted(trial)) {
            return "waits for the others";
        }
        if (run.isEmpty()) {
            return "is ordered";
        }
        int goal = look.halving().rungs().get(look.standing().rung()).epochs();
        int epoch = run.get().status() == null
                ? 0
                : Math.min(goal, run.get().status().epoch());
        String progress = "epoch " + epoch + "/" + goal;
        return switch (run.get().state()) {
            case "running" -> "trains, " + progress;
            case "stopped" -> "goes on, " + progress;
            default ->
                run.get().reason() == null
                        ? "waits, " + progress
                        : run.get().state() + ": " + run.get().reason();
        };
    }

    private static String epochs(int number) {
        return number == 1 ? "1 epoch" : number + " epochs";
    }

    private static String row(
            String run, String rate, String decay, Optional<String> augmentation, List<String> rungs, String state) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-" + RUN + "s %9s %9s", run, rate, decay));
        augmentation.ifPresent(factor -> line.append(String.format(Locale.ROOT, " %8s", factor)));
        rungs.forEach(accuracy -> line.append(String.format(Locale.ROOT, " %9s", accuracy)));
        return line.append("  ").append(state).toString();
    }

    /** What is new: figures, failures, ends of rungs. */
    public List<String> news(Look look) {
        List<String> news = new ArrayList<>();
        for (int trial = 0; trial < look.trials().size(); trial++) {
            String name = look.trials().get(trial).runId();
            Course now = look.courses().get(trial);
            Course before = last == null
                    ? new Course(List.of(), Optional.empty())
                    : last.courses().get(trial);
            for (int rung = before.figures().size(); rung < now.figures().size(); rung++) {
                news.add("reached    " + name + ": " + percent(now.accuracy(rung)) + " of the validation split after "
                        + epochs(look.halving().rungs().get(rung).epochs()));
            }
            if (now.failure().isPresent() && before.failure().isEmpty()) {
                news.add("failed     " + name + ": " + now.failure().get() + "; it counts as the worst");
            }
        }
        if (last == null || last.standing().rung() < look.standing().rung()) {
            news.add(rung(look));
        }
        last = look;
        return news;
    }

    private static String rung(Look look) {
        List<Rung> rungs = look.halving().rungs();
        int rung = look.standing().rung();
        return "rung " + (rung + 1) + " of " + rungs.size() + "  to epoch "
                + rungs.get(rung).epochs() + ": "
                + String.join(
                        ", ",
                        look.standing().trials().stream()
                                .map(trial -> look.trials().get(trial).runId())
                                .toList());
    }
}
