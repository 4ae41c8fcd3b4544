// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.Event.Health;
import io.millrace.local.watch.Event.PartChanged;
import io.millrace.local.watch.ServedModel;
import io.millrace.local.watch.Standing;
import io.millrace.local.watch.TrainerRun;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A picture of the stack at the lower end of a terminal, redrawn in place, with the events passing above it. It needs a
 * terminal that understands ANSI escape sequences.
 */
public final class LiveView implements View {
    private static final String ERASE_BELOW = "\033[J";
    // A line that is longer than the terminal is wide is cut, so that each line of the picture stays one row.
    private static final String NO_WRAP = "\033[?7l";
    private static final String WRAP = "\033[?7h";

    private final PrintStream out;
    private final Clock clock;
    private final Paint paint;
    private final Ports ports;
    private final Instant start;
    private final Map<Part, PartChanged> parts = new EnumMap<>(Part.class);
    private TrainerRun training;
    private Standing best;
    private ServedModel served;
    private Event.Open open;
    private int rows;
    private boolean closed;

    public LiveView(PrintStream out, Clock clock, Paint paint, Ports ports) {
        this.out = out;
        this.clock = clock;
        this.paint = paint;
        this.ports = ports;
        this.start = clock.instant();
    }

    @Override
    public synchronized void show(Event event) {
        remember(event);
        List<String> news = news(event);
        if (closed) {
            news.forEach(out::println);
        } else {
            draw(news, picture());
        }
        out.flush();
    }

    private void remember(Event event) {
        if (event instanceof PartChanged changed) {
            parts.put(changed.part(), changed);
        } else if (event instanceof Event.Trained trained) {
            training = trained.run();
        } else if (event instanceof Event.Evaluated evaluated) {
            Standing standing = evaluated.standing();
            best = best == null || standing.accuracy() > best.accuracy() ? standing : best;
        } else if (event instanceof Event.Serving serving) {
            served = serving.model();
        } else if (event instanceof Event.Open opened) {
            open = opened;
        }
    }

    /** What passes above the picture: everything that the picture itself does not show. */
    private List<String> news(Event event) {
        if (event instanceof PartChanged changed
                && changed.health() != Health.RESTARTING
                && changed.health() != Health.DOWN) {
            return List.of();
        }
        if (event instanceof Event.Open || event instanceof Event.Serving) {
            return List.of();
        }
        boolean alarming = event instanceof PartChanged || event instanceof Event.Warning;
        return Lines.of(event).stream()
                .map(line -> alarming ? paint.yellow(line) : line)
                .toList();
    }

    private void draw(List<String> news, List<String> picture) {
        StringBuilder text = new StringBuilder();
        if (rows > 0) {
            text.append("\033[").append(rows).append("A\r");
        }
        text.append(ERASE_BELOW);
        news.forEach(line -> text.append(line).append('\n'));
        text.append(NO_WRAP);
        picture.forEach(line -> text.append(line).append('\n'));
        text.append(WRAP);
        out.print(text);
        rows = picture.size();
    }

    private List<String> picture() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        for (Part part : List.of(Part.BROKER, Part.DATASET, Part.TRAINER, Part.EVALUATOR, Part.INFERENCE)) {
            lines.add(part(part));
        }
        lines.add("");
        lines.add(progress());
        lines.add(result());
        if (open != null) {
            lines.add("");
            Lines.open(open).forEach(line -> lines.add("  " + line));
        }
        return lines;
    }

    private String part(Part part) {
        PartChanged changed = parts.getOrDefault(part, new PartChanged(part, Health.STARTING, ""));
        String state = Lines.health(changed.health());
        String text = String.format(Locale.ROOT, "%-18s", state);
        String colored =
                switch (changed.health()) {
                    case READY -> paint.green(paint.dot()) + " " + Lines.pad(part.label()) + " " + text;
                    case DOWN -> paint.red(paint.dot()) + " " + Lines.pad(part.label()) + " " + paint.red(text);
                    default -> paint.yellow(paint.dot()) + " " + Lines.pad(part.label()) + " " + text;
                };
        String detail = changed.health() == Health.NOT_READY ? "  " + changed.detail() : "";
        String address =
                part == Part.BROKER ? ports.bootstrapServers() : ports.uri(part).toString();
        return "  " + colored + " " + paint.dim(address) + detail;
    }

    private String progress() {
        double elapsed = Duration.between(start, clock.instant()).toMillis() / 1000.0;
        if (training == null || training.step() == 0) {
            return "  " + paint.bar(0) + "  waiting for the first step  " + Numbers.clock(elapsed);
        }
        return "  " + paint.bar(training.fraction()) + "  " + Lines.progress(training);
    }

    private String result() {
        String accuracy = best == null
                ? "nothing evaluated yet"
                : "best " + paint.bold(Numbers.percent(best.accuracy())) + " at step " + best.step();
        return "  " + accuracy + ", "
                + (served == null ? "nothing served yet" : "serving " + served.model() + " " + served.version());
    }

    @Override
    public synchronized void close() {
        closed = true;
        out.flush();
    }
}
