// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Event;
import io.millrace.local.watch.Event.Health;
import io.millrace.local.watch.Event.PartChanged;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * A picture of the stack at the lower end of a terminal, redrawn in place, with the events passing above it. It needs a
 * terminal that understands ANSI escape sequences.
 */
public final class LiveView implements View {
    private final PrintStream out;
    private final Clock clock;
    private final Paint paint;
    private final Picture picture;
    private final Redrawn redrawn;
    private final Instant start;
    private boolean closed;

    /** @param parts that are started */
    public LiveView(PrintStream out, Clock clock, Paint paint, Ports ports, Collection<Part> parts) {
        this.out = out;
        this.clock = clock;
        this.paint = paint;
        this.picture = new Picture(paint, ports, parts);
        this.redrawn = new Redrawn(out);
        this.start = clock.instant();
    }

    @Override
    public synchronized void show(Event event) {
        List<String> news = news(event);
        if (closed) {
            news.forEach(out::println);
        } else {
            picture.take(event);
            redrawn.draw(
                    news, picture.lines(Duration.between(start, clock.instant()).toMillis() / 1000.0));
        }
        out.flush();
    }

    /** What passes above the picture: everything that the picture itself does not show. */
    private List<String> news(Event event) {
        if (event instanceof PartChanged changed
                && changed.health() != Health.RESTARTING
                && changed.health() != Health.DOWN) {
            return List.of();
        }
        if (event instanceof Event.Serving || event instanceof Event.Shared) {
            return List.of();
        }
        boolean alarming =
                event instanceof PartChanged || event instanceof Event.Warning || event instanceof Event.Hindered;
        return Lines.of(event).stream()
                .map(line -> alarming ? paint.yellow(line) : line)
                .toList();
    }

    @Override
    public synchronized void close() {
        closed = true;
        redrawn.leave();
    }
}
