// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.Event.Health;
import io.millrace.local.watch.Event.PartChanged;
import io.millrace.local.watch.Problem;
import io.millrace.local.watch.ServedVersion;
import io.millrace.local.watch.Standing;
import io.millrace.local.watch.TrainerRun;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** How a stack stands, on a few lines: a line per process, the progress, the result. Not thread-safe. */
final class Picture {
    private static final List<Part> ORDER = Stream.of(
                    List.of(Part.BROKER, Part.DATASET),
                    Part.workers(Part.MOST_WORKERS),
                    List.of(Part.EVALUATOR, Part.INFERENCE))
            .flatMap(List::stream)
            .toList();

    /** What still has room beside the address. */
    private static final int SHORT = 24;

    private final Paint paint;
    private final Ports ports;
    private final Collection<Part> shown;
    private final Map<Part, PartChanged> parts = new EnumMap<>(Part.class);
    private final Map<Problem, List<String>> problems = new EnumMap<>(Problem.class);
    /** By the labels of their processes, what they have. */
    private final Map<String, String> workers = new HashMap<>();

    private TrainerRun training;
    private Standing best;
    private ServedVersion served;

    /** @param shown what is started; where that is no trainer, there is no progress either */
    Picture(Paint paint, Ports ports, Collection<Part> shown) {
        this.paint = paint;
        this.ports = ports;
        this.shown = shown;
    }

    void take(Event event) {
        if (event instanceof PartChanged changed) {
            parts.put(changed.part(), changed);
        } else if (event instanceof Event.Trained trained) {
            training = trained.run();
        } else if (event instanceof Event.Shared shared) {
            workers.clear();
            shared.workers().forEach(worker -> workers.put(worker.worker(), Lines.holds(worker)));
        } else if (event instanceof Event.Hindered hindered) {
            problems.put(hindered.problem(), hindered.lines());
        } else if (event instanceof Event.Solved solved) {
            problems.remove(solved.problem());
        } else if (event instanceof Event.Evaluated evaluated) {
            Standing standing = evaluated.standing();
            best = best == null || standing.accuracy() > best.accuracy() ? standing : best;
        } else if (event instanceof Event.Serving serving) {
            served = serving.model();
        }
    }

    /** The lines, each meant for one row. */
    List<String> lines(double elapsedSeconds) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        ORDER.stream().filter(shown::contains).forEach(part -> lines.addAll(part(part)));
        lines.add("");
        if (shown.contains(Part.TRAINER)) {
            lines.add(progress(elapsedSeconds));
        }
        problems.values().forEach(problem -> problem.forEach(line -> lines.add("  " + paint.yellow(line))));
        lines.add(result());
        return lines;
    }

    private List<String> part(Part part) {
        PartChanged changed = parts.getOrDefault(part, new PartChanged(part, Health.WAITING, ""));
        String dot =
                switch (changed.health()) {
                    case READY -> paint.green(paint.dot());
                    case DOWN -> paint.red(paint.dot());
                    default -> paint.yellow(paint.dot());
                };
        String address =
                part == Part.BROKER ? ports.bootstrapServers() : ports.uri(part).toString();
        String state = String.format(Locale.ROOT, "%-14s", Lines.health(changed.health()));
        String detail = changed.health() == Health.NOT_READY ? changed.detail() : "";
        if (changed.health() == Health.READY && workers.containsKey(part.label())) {
            return List.of("  " + dot + " " + Lines.pad(part.label()) + " " + state + " " + workers.get(part.label()));
        }
        String line = "  " + dot + " " + Lines.pad(part.label()) + " " + state + " " + paint.dim(address);
        if (detail.length() <= SHORT) {
            return List.of(detail.isEmpty() ? line : line + "  " + detail);
        }
        // What is longer than a row is cut; the remedy comes after the reason.
        List<String> lines = new ArrayList<>(List.of(line));
        detail.lines().flatMap(text -> Stream.of(text.split("; "))).forEach(text -> lines.add("      " + text));
        return lines;
    }

    private String progress(double elapsedSeconds) {
        if (training == null || training.step() == 0) {
            return "  " + paint.bar(0) + "  waiting for the first step  " + Numbers.clock(elapsedSeconds);
        }
        return "  " + paint.bar(training.fraction()) + "  " + Lines.progress(training);
    }

    private String result() {
        String serving = served == null ? "nothing served yet" : "serving " + served.model() + " " + served.version();
        if (!shown.contains(Part.EVALUATOR)) {
            return "  " + serving;
        }
        String accuracy = best == null
                ? "nothing evaluated yet"
                : "best " + paint.bold(Numbers.percent(best.accuracy())) + " at step " + best.step()
                        + (best.averaged() ? " (average)" : "");
        return "  " + accuracy + ", " + serving;
    }
}
